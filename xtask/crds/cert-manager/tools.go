//go:build tools

// Package tools names the packages whose types the CRDs are made of.
package tools

import (
	_ "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	_ "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)
