package prometheus

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/prometheus/common/expfmt"
)

const (
	maxPages   = 8       // pages in the making at once; more are refused
	bufferSize = 1 << 16 // bytes written at once
)

// Handler answers with the page. An error in a source is logged; the page is
// answered with what there is.
func (e *Exporter) Handler(logger *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case e.slots <- struct{}{}:
			defer func() { <-e.slots }()
		default:
			http.Error(w, "too many scrapes at once", http.StatusServiceUnavailable)
			return
		}
		if err := answer(w, r, e.Write); err != nil && r.Context().Err() == nil {
			logger.Warn("metrics page is not whole", "error", err)
		}
	})
}

// answer answers with a page in the format and the coding that the client
// wants. Even after an error of write what there is gets out.
func answer(w http.ResponseWriter, r *http.Request, write func(io.Writer, expfmt.Format) error) error {
	format := negotiate(r.Header)
	w.Header().Set("Content-Type", string(format))
	w.Header().Add("Vary", "Accept, Accept-Encoding")
	if r.Method == http.MethodHead {
		return nil
	}
	if !takesGzip(r.Header) {
		return buffer(w, format, write)
	}
	w.Header().Set("Content-Encoding", "gzip")
	// Speed goes before size: scrapes are many and mostly local.
	zip, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	return errors.Join(buffer(zip, format, write), zip.Close())
}

// buffer writes the page in large pieces.
func buffer(w io.Writer, format expfmt.Format, write func(io.Writer, expfmt.Format) error) error {
	buffered := bufio.NewWriterSize(w, bufferSize)
	return errors.Join(write(buffered, format), buffered.Flush())
}

// negotiate picks OpenMetrics where the client wants it, and else the text
// format, which every client reads.
func negotiate(h http.Header) expfmt.Format {
	formats := []expfmt.Format{expfmt.NewFormat(expfmt.TypeTextPlain)}
	for _, version := range []string{expfmt.OpenMetricsVersion_1_0_0, expfmt.OpenMetricsVersion_0_0_1} {
		if f, err := expfmt.NewOpenMetricsFormat(version); err == nil {
			formats = append(formats, f)
		}
	}
	return expfmt.NegotiateAccept(h, formats...)
}

// takesGzip tells whether the client takes a gzipped answer.
func takesGzip(h http.Header) bool {
	for _, value := range h.Values("Accept-Encoding") {
		for part := range strings.SplitSeq(value, ",") {
			coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
			if coding = strings.TrimSpace(coding); coding == "gzip" || coding == "*" {
				return strings.Trim(strings.ReplaceAll(weight, " ", ""), "q=0.") != "" || weight == ""
			}
		}
	}
	return false
}
