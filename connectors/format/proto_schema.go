package format

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"tidemark/connectors"
)

// protoOptions returns the message that the options name.
func protoOptions(o connectors.Options, baseDir string) (protoreflect.MessageDescriptor, error) {
	set, compiled := o.Get("descriptor_file")
	source, given := o.Get("proto_file")
	var all []protoreflect.MessageDescriptor
	var err error
	option := "descriptor_file"
	switch {
	case compiled && given:
		return nil, &connectors.OptionError{Option: "proto_file", Message: "the messages are described twice", Hint: "give proto_file or descriptor_file"}
	case compiled:
		all, err = readDescriptors(connectors.Resolve(baseDir, set))
	case given:
		option = "proto_file"
		all, err = compileProto(connectors.Resolve(baseDir, source))
	default:
		return nil, &connectors.OptionError{Option: "format", Message: "format = 'protobuf' needs a description of the messages",
			Hint: "give proto_file = 'x.proto', or descriptor_file with what protoc --descriptor_set_out --include_imports writes"}
	}
	if err != nil {
		return nil, &connectors.OptionError{Option: option, Message: err.Error()}
	}
	return chooseMessage(all, o)
}

// chooseMessage returns the message that the option message names, or the only one.
func chooseMessage(all []protoreflect.MessageDescriptor, o connectors.Options) (protoreflect.MessageDescriptor, error) {
	name, given := o.Get("message")
	names := make([]string, len(all))
	for i, m := range all {
		if names[i] = string(m.FullName()); names[i] == name || !given && len(all) == 1 {
			return m, nil
		}
	}
	var found protoreflect.MessageDescriptor
	for _, m := range all { // without its package, if that tells
		if string(m.Name()) == name && found != nil {
			return nil, &connectors.OptionError{Option: "message", Message: fmt.Sprintf("there are %s and %s", found.FullName(), m.FullName()), Hint: "write the whole name"}
		} else if string(m.Name()) == name {
			found = m
		}
	}
	if found != nil {
		return found, nil
	}
	e := &connectors.OptionError{Option: "message", Message: fmt.Sprintf("there is no message '%s'", name), Hint: "there are " + strings.Join(names, ", ")}
	if !given {
		e.Message = "there are several messages"
		e.Hint = "name one with message: " + strings.Join(names, ", ")
	} else if near := connectors.Near(name, names); near != "" {
		e.Hint = "did you mean " + near + "?"
	}
	if len(names) == 0 {
		e.Message, e.Hint = "no message is described", ""
	}
	return nil, e
}

// readDescriptors returns the messages of a file that protoc has written.
func readDescriptors(path string) ([]protoreflect.MessageDescriptor, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the description '%s' cannot be read: %w", path, plainError(err))
	}
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(b, &set); err != nil {
		return nil, fmt.Errorf("'%s' is no set of file descriptors: write it with protoc --descriptor_set_out --include_imports", path)
	}
	files, err := protodesc.NewFiles(&set)
	if err != nil {
		return nil, fmt.Errorf("'%s' is not complete: %s (write it with protoc --include_imports)", path, plainProto(err))
	}
	var all []protoreflect.MessageDescriptor
	for _, f := range set.File {
		d, err := files.FindFileByPath(f.GetName())
		if err != nil {
			return nil, fmt.Errorf("'%s' is not complete: %s", path, plainProto(err))
		}
		if !strings.HasPrefix(f.GetName(), "google/protobuf/") {
			all = addMessages(all, d.Messages())
		}
	}
	return all, nil
}

// compileProto returns the messages of a .proto file. What it imports is looked for from
// its folder.
func compileProto(path string) ([]protoreflect.MessageDescriptor, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("the description '%s' cannot be read: %w", path, plainError(err))
	}
	folder := filepath.Dir(path)
	c := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{Accessor: func(name string) (io.ReadCloser, error) {
			b, err := os.ReadFile(filepath.Join(folder, filepath.Clean("/"+name))) // nothing outside the folder
			return io.NopCloser(bytes.NewReader(b)), err
		}}),
		Reporter: reporter.NewReporter(nil, nil),
	}
	files, err := c.Compile(context.Background(), filepath.Base(path))
	if err != nil {
		return nil, fmt.Errorf("'%s': %s", path, plainProto(err))
	}
	return addMessages(nil, files[0].Messages()), nil
}

// plainProto is what the library says, without its name.
func plainProto(err error) string {
	return strings.TrimLeft(strings.TrimPrefix(err.Error(), "proto:"), " \u00a0")
}

// addMessages appends messages and those declared in them.
func addMessages(all []protoreflect.MessageDescriptor, messages protoreflect.MessageDescriptors) []protoreflect.MessageDescriptor {
	for i := range messages.Len() {
		if m := messages.Get(i); !m.IsMapEntry() {
			all = addMessages(append(all, m), m.Messages())
		}
	}
	return all
}
