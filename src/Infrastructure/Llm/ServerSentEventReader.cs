namespace LexCustis.Infrastructure.Llm;

/// <summary>
/// Reads server-sent events as the WHATWG HTML standard parses them (section 9.2.6). Only the data of an event is kept:
/// names, ids and retry times mean nothing in a stream that answers one request and is never resumed.
/// </summary>
/// <param name="limit">Most bytes of one line, and of one event's data; a stream that passes it is not worth reading on.</param>
internal sealed class ServerSentEventReader(Stream stream, int limit = ServerSentEventReader.DefaultLimit)
{
    public const int DefaultLimit = 1 << 20;

    private const byte LineFeed = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';

    private byte[] _buffer = new byte[Math.Min(limit, 4096)];
    private int _lineStart;
    private int _scanned;
    private int _filled;
    private bool _skipLineFeed;
    private bool _pastFirstLine;

    private byte[] _data = new byte[Math.Min(limit, 1024)];
    private int _dataLength;
    private bool _hasData;

    /// <summary>The data of the event last read, lines joined by line feeds; valid until the next read.</summary>
    public ReadOnlySpan<byte> Data => _data.AsSpan(0, _dataLength);

    /// <summary>Reads up to the next event that has data; false at the end of the stream, where an unfinished event is dropped.</summary>
    /// <exception cref="InvalidDataException">A line or an event is larger than the limit.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        _dataLength = 0;
        _hasData = false;
        while (!ReadBuffered())
            if (!await FillAsync(cancellationToken))
                return false;
        return true;
    }

    private bool ReadBuffered()
    {
        while (TryReadLine(out var line))
        {
            if (!line.IsEmpty)
                AppendField(line);
            else if (_hasData)
                return true;
        }

        return false;
    }

    private bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        // A carriage return ends its line at once; waiting for a line feed that may never come would hold the event back.
        if (_skipLineFeed && _scanned < _filled)
        {
            _skipLineFeed = false;
            if (_buffer[_scanned] == LineFeed)
                _lineStart = ++_scanned;
        }

        var length = _buffer.AsSpan(_scanned, _filled - _scanned).IndexOfAny(CarriageReturn, LineFeed);
        if (length < 0)
        {
            _scanned = _filled;
            line = default;
            return false;
        }

        var end = _scanned + length;
        line = _buffer.AsSpan(_lineStart, end - _lineStart);
        _skipLineFeed = _buffer[end] == CarriageReturn;
        _lineStart = _scanned = end + 1;

        if (!_pastFirstLine && line.StartsWith("\uFEFF"u8))
            line = line[3..];
        _pastFirstLine = true;
        return true;
    }

    private void AppendField(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        var name = colon < 0 ? line : line[..colon];
        if (!name.SequenceEqual("data"u8))
            return;

        var value = colon < 0 ? [] : line[(colon + 1)..];
        if (value is [(byte)' ', ..])
            value = value[1..];

        var start = _hasData ? _dataLength + 1 : 0;
        var length = start + value.Length;
        if (length > limit)
            throw new InvalidDataException("an event is too large");
        if (length > _data.Length)
            Array.Resize(ref _data, Math.Min(limit, Math.Max(length, 2 * _data.Length)));
        if (_hasData)
            _data[_dataLength] = LineFeed;
        value.CopyTo(_data.AsSpan(start));
        _dataLength = length;
        _hasData = true;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_lineStart > 0)
        {
            _buffer.AsSpan(_lineStart, _filled - _lineStart).CopyTo(_buffer);
            _filled -= _lineStart;
            _scanned -= _lineStart;
            _lineStart = 0;
        }

        if (_filled == _buffer.Length)
        {
            if (_filled >= limit)
                throw new InvalidDataException("a line is too long");
            Array.Resize(ref _buffer, Math.Min(limit, 2 * _buffer.Length));
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_filled), cancellationToken);
        _filled += read;
        return read > 0;
    }
}
