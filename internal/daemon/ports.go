package daemon

import "net"

// FreePorts returns n different TCP ports of the loopback address that were free a moment ago. Another process may
// take one before the caller does, so a server that fails to bind is tried again on others.
func FreePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // all are held until the last is drawn, so that none is drawn twice
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
