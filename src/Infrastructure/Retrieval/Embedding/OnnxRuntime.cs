using System.Runtime.InteropServices;
using System.Text;

namespace LexCustis.Infrastructure.Retrieval.Embedding;

/// <summary>ONNX Runtime refused; the message is its own.</summary>
internal sealed class OnnxException(string message) : Exception(message);

/// <summary>Element types that occur here; the numbers are those of <c>ONNXTensorElementDataType</c>.</summary>
internal enum OnnxType
{
    /// <summary>No tensor at all.</summary>
    None = 0,
    Single = 1,
    Int32 = 6,
    Int64 = 7,
    Half = 10,
}

/// <summary>An input or output of a graph.</summary>
/// <param name="Utf8Name">Ended by a zero byte, at an address that never changes.</param>
/// <param name="Rank">How many dimensions it has.</param>
internal sealed record OnnxPort(string Name, byte[] Utf8Name, OnnxType Type, int Rank);

/// <summary>
/// ONNX Runtime's C API (onnxruntime_c_api.h), as far as one transformer needs it. The functions are found by their index in the
/// table <c>OrtApi</c>, to which newer versions only append; 17 is the oldest version that has all of these.
/// One environment serves the process and is never released, as the library wants it.
/// </summary>
internal sealed unsafe class OnnxRuntime
{
    /// <summary>Lies beside the binary; docs/embeddings.md tells where it comes from.</summary>
    public const string LibraryName = "libonnxruntime.so.1";

    private const uint ApiVersion = 17;
    private const int OnlyFatalMessages = 4;
    private const int AllOptimizations = 99;

    private static readonly Lazy<OnnxRuntime> Instance = new(static () => new OnnxRuntime(Path.Combine(AppContext.BaseDirectory, LibraryName)));

    private readonly nint* _table;
    private readonly nint _environment;
    private readonly nint _cpuMemory;
    private readonly nint _allocator;

    /// <exception cref="EmbeddingException">The library is absent or unusable.</exception>
    public OnnxRuntime(string library)
    {
        if (!File.Exists(library))
            throw new EmbeddingException($"ONNX Runtime is missing: {library} isn't there. scripts/setup-embeddings fetches it, and a build afterwards puts it beside the binary.");
        if (!NativeLibrary.TryLoad(library, out var handle) || !NativeLibrary.TryGetExport(handle, "OrtGetApiBase", out var getBase))
            throw new EmbeddingException($"{library} can't be loaded as ONNX Runtime: it is damaged, made for another processor, or wants a newer C library.");

        var apiBase = (nint*)((delegate* unmanaged<nint>)getBase)();
        _table = (nint*)((delegate* unmanaged<uint, nint>)apiBase[0])(ApiVersion);
        if (_table == null)
        {
            var version = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)apiBase[1])());
            throw new EmbeddingException($"{library} is ONNX Runtime {version}, and 1.17 or newer is needed.");
        }

        nint created;
        fixed (byte* name = "lexcustis\0"u8)
            Check(((delegate* unmanaged<delegate* unmanaged<nint, int, nint, nint, nint, nint, void>, nint, int, byte*, nint*, nint>)_table[4])(&Discard, 0, OnlyFatalMessages, name, &created));
        _environment = created;
        Check(((delegate* unmanaged<nint, nint>)_table[6])(_environment)); // DisableTelemetryEvents
        Check(((delegate* unmanaged<int, int, nint*, nint>)_table[69])(0, 0, &created)); // CreateCpuMemoryInfo, device allocator, default memory
        _cpuMemory = created;
        Check(((delegate* unmanaged<nint*, nint>)_table[78])(&created)); // GetAllocatorWithDefaultOptions
        _allocator = created;
    }

    /// <summary>The library beside the binary, loaded at its first use; a failure stays one until the process is started again.</summary>
    public static OnnxRuntime Shared => Instance.Value;

    /// <summary>Loads a graph, with its external data beside it. One thread runs one call; several calls may run at once.</summary>
    /// <exception cref="OnnxException">The file is no graph, or one that this version can't run.</exception>
    public OnnxSession Open(string path)
    {
        nint options;
        Check(((delegate* unmanaged<nint*, nint>)_table[10])(&options)); // CreateSessionOptions
        try
        {
            Check(((delegate* unmanaged<nint, int, nint>)_table[23])(options, AllOptimizations)); // SetSessionGraphOptimizationLevel
            Check(((delegate* unmanaged<nint, int, nint>)_table[24])(options, 1)); // SetIntraOpNumThreads
            Check(((delegate* unmanaged<nint, int, nint>)_table[25])(options, 1)); // SetInterOpNumThreads
            fixed (byte* key = "session.intra_op.allow_spinning\0"u8, off = "0\0"u8)
                Check(((delegate* unmanaged<nint, byte*, byte*, nint>)_table[130])(options, key, off)); // AddSessionConfigEntry
            nint session;
            fixed (byte* file = Terminated(path))
                Check(((delegate* unmanaged<nint, byte*, nint, nint*, nint>)_table[7])(_environment, file, options, &session)); // CreateSession
            return new OnnxSession(this, session);
        }
        finally
        {
            Release(100, options);
        }
    }

    public OnnxPort[] Ports(nint session, bool inputs)
    {
        nuint count;
        Check(((delegate* unmanaged<nint, nuint*, nint>)_table[inputs ? 30 : 31])(session, &count)); // SessionGet{Input,Output}Count
        var ports = new OnnxPort[count];
        for (nuint i = 0; i < count; i++)
        {
            nint name;
            Check(((delegate* unmanaged<nint, nuint, nint, nint*, nint>)_table[inputs ? 36 : 37])(session, i, _allocator, &name)); // …Name
            var text = Marshal.PtrToStringUTF8(name)!;
            Check(((delegate* unmanaged<nint, nint, nint>)_table[76])(_allocator, name)); // AllocatorFree

            nint type;
            Check(((delegate* unmanaged<nint, nuint, nint*, nint>)_table[inputs ? 33 : 34])(session, i, &type)); // …TypeInfo
            try
            {
                // The tensor's part belongs to the type's and is released with it; null where the port is no tensor.
                nint tensor;
                Check(((delegate* unmanaged<nint, nint*, nint>)_table[55])(type, &tensor)); // CastTypeInfoToTensorInfo
                ports[i] = tensor == 0
                    ? new OnnxPort(text, Terminated(text), OnnxType.None, 0)
                    : new OnnxPort(text, Terminated(text), ElementType(tensor), Dimensions(tensor).Length);
            }
            finally
            {
                Release(98, type);
            }
        }

        return ports;
    }

    /// <summary>One run with inputs of shape [1, n]. Returns the first row of an output, that is its last dimension's elements.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; the run stopped at the next operator of the graph.</exception>
    public float[] Run(nint session, ReadOnlySpan<(OnnxPort Port, long[] Values)> inputs, OnnxPort output, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var names = stackalloc byte*[inputs.Length];
        var values = stackalloc nint[inputs.Length];
        var shape = stackalloc long[2];
        var pins = new GCHandle[inputs.Length];
        nint options = 0;
        nint result = 0;
        try
        {
            for (var i = 0; i < inputs.Length; i++)
            {
                var (port, elements) = inputs[i];
                names[i] = Address(port.Utf8Name);
                Array data = port.Type == OnnxType.Int32 ? Array.ConvertAll(elements, checked(static v => (int)v)) : elements;
                pins[i] = GCHandle.Alloc(data, GCHandleType.Pinned);
                var bytes = (nuint)elements.Length * (port.Type == OnnxType.Int32 ? sizeof(int) : (nuint)sizeof(long));
                (shape[0], shape[1]) = (1, elements.Length);
                Check(((delegate* unmanaged<nint, nint, nuint, long*, nuint, int, nint*, nint>)_table[49])( // CreateTensorWithDataAsOrtValue
                    _cpuMemory, pins[i].AddrOfPinnedObject(), bytes, shape, 2, (int)port.Type, &values[i]));
            }

            Check(((delegate* unmanaged<nint*, nint>)_table[39])(&options)); // CreateRunOptions
            var outputName = Address(output.Utf8Name);
            nint status;

            // Disposing the registration waits for a callback under way, so that none touches released options.
            using (cancellationToken.UnsafeRegister(static state => ((Termination)state!).Request(), new Termination(this, options)))
            {
                status = ((delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)_table[9])( // Run
                    session, options, names, values, (nuint)inputs.Length, &outputName, 1, &result);
            }

            // A terminated run is an ordinary failure to the library; only we know that it was asked for.
            var failure = Failure(status);
            cancellationToken.ThrowIfCancellationRequested();
            if (failure is not null) throw failure;
            return FirstRow(result);
        }
        finally
        {
            if (result != 0) Release(96, result);
            if (options != 0) Release(97, options);
            for (var i = 0; i < inputs.Length; i++)
            {
                // Only now may the memory under a value move.
                if (values[i] != 0) Release(96, values[i]);
                if (pins[i].IsAllocated) pins[i].Free();
            }
        }
    }

    public void ReleaseSession(nint session) => Release(95, session);

    private float[] FirstRow(nint value)
    {
        nint shape;
        Check(((delegate* unmanaged<nint, nint*, nint>)_table[65])(value, &shape)); // GetTensorTypeAndShape
        try
        {
            nuint count;
            Check(((delegate* unmanaged<nint, nuint*, nint>)_table[64])(shape, &count)); // GetTensorShapeElementCount
            var dimensions = Dimensions(shape);
            if (count == 0 || dimensions.Length == 0) throw new OnnxException("The output is empty.");
            void* data;
            Check(((delegate* unmanaged<nint, void**, nint>)_table[51])(value, &data)); // GetTensorMutableData
            var length = checked((int)dimensions[^1]);
            switch (ElementType(shape))
            {
                case OnnxType.Single:
                    return new ReadOnlySpan<float>(data, length).ToArray();
                case OnnxType.Half:
                    return Array.ConvertAll(new ReadOnlySpan<Half>(data, length).ToArray(), static h => (float)h);
                default:
                    throw new OnnxException("The output holds no floating-point numbers.");
            }
        }
        finally
        {
            Release(99, shape);
        }
    }

    private OnnxType ElementType(nint tensorInfo)
    {
        int type;
        Check(((delegate* unmanaged<nint, int*, nint>)_table[60])(tensorInfo, &type)); // GetTensorElementType
        return (OnnxType)type;
    }

    /// <summary>-1 where a dimension is free.</summary>
    private long[] Dimensions(nint tensorInfo)
    {
        nuint count;
        Check(((delegate* unmanaged<nint, nuint*, nint>)_table[61])(tensorInfo, &count)); // GetDimensionsCount
        var dimensions = new long[count];
        fixed (long* first = dimensions)
            Check(((delegate* unmanaged<nint, long*, nuint, nint>)_table[62])(tensorInfo, first, count)); // GetDimensions
        return dimensions;
    }

    private void Check(nint status)
    {
        if (Failure(status) is { } failure) throw failure;
    }

    /// <summary>Every function answers null, or a status that tells what went wrong and is ours to release.</summary>
    private OnnxException? Failure(nint status)
    {
        if (status == 0) return null;
        var message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)_table[2])(status)); // GetErrorMessage
        Release(93, status);
        return new OnnxException(message ?? "no reason given");
    }

    private void Release(int index, nint handle) => ((delegate* unmanaged<nint, void>)_table[index])(handle);

    /// <summary>Text as C wants it, pinned for good: sessions keep few of them and for long.</summary>
    private static byte[] Terminated(string text)
    {
        var bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(text) + 1, pinned: true);
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    private static byte* Address(byte[] pinned) => (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);

    /// <summary>What fails comes back as a status; the library's own lines would go to standard error unasked.</summary>
    [UnmanagedCallersOnly]
    private static void Discard(nint parameter, int severity, nint category, nint log, nint location, nint message)
    {
    }

    private sealed class Termination(OnnxRuntime runtime, nint options)
    {
        public void Request()
        {
            var status = ((delegate* unmanaged<nint, nint>)runtime._table[46])(options); // RunOptionsSetTerminate
            if (status != 0) runtime.Release(93, status);
        }
    }
}

/// <summary>A loaded graph. Disposing it waits for nobody: the memory goes when the last run has ended.</summary>
internal sealed class OnnxSession : SafeHandle
{
    private readonly OnnxRuntime _runtime;

    public OnnxSession(OnnxRuntime runtime, nint session)
        : base(0, ownsHandle: true)
    {
        _runtime = runtime;
        SetHandle(session);
        Inputs = runtime.Ports(session, inputs: true);
        Outputs = runtime.Ports(session, inputs: false);
    }

    public override bool IsInvalid => handle == 0;

    public IReadOnlyList<OnnxPort> Inputs { get; }

    public IReadOnlyList<OnnxPort> Outputs { get; }

    /// <inheritdoc cref="OnnxRuntime.Run"/>
    public float[] Run(ReadOnlySpan<(OnnxPort Port, long[] Values)> inputs, OnnxPort output, CancellationToken cancellationToken)
    {
        var held = false;
        try
        {
            DangerousAddRef(ref held);
            return _runtime.Run(handle, inputs, output, cancellationToken);
        }
        finally
        {
            if (held) DangerousRelease();
        }
    }

    protected override bool ReleaseHandle()
    {
        _runtime.ReleaseSession(handle);
        return true;
    }
}
