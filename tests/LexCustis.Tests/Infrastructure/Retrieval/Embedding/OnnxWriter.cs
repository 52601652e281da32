using System.Runtime.InteropServices;
using System.Text;

namespace LexCustis.Tests.Infrastructure.Retrieval.Embedding;

/// <summary>Writes an ONNX graph by hand: protobuf fields as onnx.proto (ONNX 1.16, IR version 8, operator set 17) numbers them.</summary>
internal sealed class OnnxWriter : IDisposable
{
    public const int Float = 1;
    public const int Int32 = 6;
    public const int Int64 = 7;
    public const int Bool = 9;
    public const int Half = 10;

    private readonly MemoryStream _nodes = new();
    private readonly MemoryStream _initializers = new();
    private readonly MemoryStream _inputs = new();
    private readonly MemoryStream _outputs = new();
    private readonly FileStream? _external;
    private int _names;

    /// <param name="externalPath">When given, tensors of numbers go to this file, which stands beside the graph.</param>
    public OnnxWriter(string? externalPath = null)
    {
        if (externalPath is not null) _external = File.Create(externalPath);
    }

    public void Input(string name, int type, params string[] dimensions) => Bytes(_inputs, 11, ValueInfo(name, type, dimensions));

    public void Output(string name, int type, params string[] dimensions) => Bytes(_outputs, 12, ValueInfo(name, type, dimensions));

    public string Floats(string name, float[] values, params long[] shape)
    {
        var data = MemoryMarshal.AsBytes(values.AsSpan());
        var tensor = new MemoryStream();
        foreach (var d in shape) Number(tensor, 1, d);
        Number(tensor, 2, Float);
        Text(tensor, 8, name);
        if (_external is null)
        {
            Bytes(tensor, 9, data);
        }
        else
        {
            foreach (var (key, value) in new[] { ("location", Path.GetFileName(_external.Name)), ("offset", $"{_external.Position}"), ("length", $"{data.Length}") })
            {
                var entry = new MemoryStream();
                Text(entry, 1, key);
                Text(entry, 2, value);
                Bytes(tensor, 13, entry.ToArray());
            }

            Number(tensor, 14, 1);
            _external.Write(data);
        }

        Bytes(_initializers, 5, tensor.ToArray());
        return name;
    }

    public string Longs(long[] values, params long[] shape)
    {
        var name = $"c{_names++}";
        var tensor = new MemoryStream();
        foreach (var d in shape) Number(tensor, 1, d);
        Number(tensor, 2, Int64);
        Text(tensor, 8, name);
        Bytes(tensor, 9, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        Bytes(_initializers, 5, tensor.ToArray());
        return name;
    }

    /// <summary>Attributes are whole numbers, lists of them, a float, or a graph.</summary>
    public string Node(string operation, string[] inputs, (string Name, object Value)[]? attributes = null, string? output = null)
    {
        output ??= $"t{_names++}";
        var node = new MemoryStream();
        foreach (var input in inputs) Text(node, 1, input);
        Text(node, 2, output);
        Text(node, 3, $"{operation}_{output}");
        Text(node, 4, operation);
        foreach (var (name, value) in attributes ?? [])
        {
            var attribute = new MemoryStream();
            Text(attribute, 1, name);
            switch (value)
            {
                case int number:
                    Number(attribute, 3, number);
                    Number(attribute, 20, 2);
                    break;
                case float real:
                    Varint(attribute, (2 << 3) | 5);
                    attribute.Write(BitConverter.GetBytes(real));
                    Number(attribute, 20, 1);
                    break;
                case OnnxWriter body:
                    Bytes(attribute, 6, body.Graph());
                    Number(attribute, 20, 5);
                    break;
                default:
                    foreach (var number in (int[])value) Number(attribute, 8, number);
                    Number(attribute, 20, 7);
                    break;
            }

            Bytes(node, 5, attribute.ToArray());
        }

        Bytes(_nodes, 1, node.ToArray());
        return output;
    }

    public void Dispose()
    {
        foreach (var stream in new[] { _nodes, _initializers, _inputs, _outputs }) stream.Dispose();
        _external?.Dispose();
    }

    public void Save(string path)
    {
        var operators = new MemoryStream();
        Text(operators, 1, "");
        Number(operators, 2, 17);

        using var file = File.Create(path);
        Number(file, 1, 8);
        Text(file, 2, "LexCustis.Tests");
        Bytes(file, 7, Graph());
        Bytes(file, 8, operators.ToArray());
        _external?.Flush();
    }

    private byte[] Graph()
    {
        var graph = new MemoryStream();
        _nodes.WriteTo(graph);
        Text(graph, 2, "tiny");
        _initializers.WriteTo(graph);
        _inputs.WriteTo(graph);
        _outputs.WriteTo(graph);
        return graph.ToArray();
    }

    private static byte[] ValueInfo(string name, int type, string[] dimensions)
    {
        var shape = new MemoryStream();
        foreach (var d in dimensions)
        {
            var dimension = new MemoryStream();
            if (long.TryParse(d, out var size)) Number(dimension, 1, size);
            else Text(dimension, 2, d);
            Bytes(shape, 1, dimension.ToArray());
        }

        var tensor = new MemoryStream();
        Number(tensor, 1, type);
        Bytes(tensor, 2, shape.ToArray());
        var wrapped = new MemoryStream();
        Bytes(wrapped, 1, tensor.ToArray());
        var value = new MemoryStream();
        Text(value, 1, name);
        Bytes(value, 2, wrapped.ToArray());
        return value.ToArray();
    }

    private static void Text(Stream to, int field, string text) => Bytes(to, field, Encoding.UTF8.GetBytes(text));

    private static void Bytes(Stream to, int field, ReadOnlySpan<byte> bytes)
    {
        Varint(to, ((ulong)field << 3) | 2);
        Varint(to, (ulong)bytes.Length);
        to.Write(bytes);
    }

    private static void Number(Stream to, int field, long number)
    {
        Varint(to, (ulong)field << 3);
        Varint(to, (ulong)number);
    }

    private static void Varint(Stream to, ulong value)
    {
        for (; value >= 0x80; value >>= 7) to.WriteByte((byte)(value | 0x80));
        to.WriteByte((byte)value);
    }
}
