using System.Buffers;

namespace Millrace.Cli.CloudEvents;

/// <summary>
/// Splits a stream of bytes into JSON objects. The stream contains an object per line, consecutive objects or one array
/// of objects. Only one object at a time is in memory.
/// </summary>
internal sealed class JsonObjectSplitter(Stream input, int maxBytes)
{
    private const int ChunkBytes = 64 * 1024;

    private readonly byte[] _chunk = new byte[ChunkBytes];
    private readonly ArrayBufferWriter<byte> _object = new(ChunkBytes);
    private int _position;
    private int _end;
    private long _line = 1;
    private bool _isInArray;

    /// <summary>Gets the number of the line on which the last object starts, from 1.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>Gets the number of bytes that were read from the stream.</summary>
    public long BytesRead { get; private set; }

    /// <summary>
    /// Returns the next object, or an empty value at the end of the stream. The object is valid until the next call.
    /// </summary>
    /// <exception cref="ImportException">The next value is not an object, or the object is incomplete or too
    /// large.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> Next(CancellationToken cancellationToken)
    {
        _object.ResetWrittenCount();
        if (!await FindStart(cancellationToken))
            return default;
        Line = _line;
        var scan = new JsonObjectScanner();
        do
        {
            var start = _position;
            scan.Scan(_chunk.AsSpan(0, _end), ref _position, ref _line);
            _object.Write(_chunk.AsSpan(start, _position - start));
            if (_object.WrittenCount > maxBytes)
                throw new ImportException(Line, $"the event is larger than {maxBytes:N0} bytes.");
            if (scan.IsComplete)
                return _object.WrittenMemory;
        }
        while (await Fill(cancellationToken));
        throw new ImportException(Line, "the file is truncated: it ends in the middle of this event.");
    }

    private async ValueTask<bool> FindStart(CancellationToken cancellationToken)
    {
        while (_position < _end || await Fill(cancellationToken))
        {
            switch (_chunk[_position])
            {
                case (byte)'{': return true;
                case (byte)'\n': _line++; break;
                case (byte)' ' or (byte)'\t' or (byte)'\r' or 0xEF or 0xBB or 0xBF: break;
                case (byte)'[' when !_isInArray: _isInArray = true; break;
                case (byte)',' or (byte)']' when _isInArray: break;
                case 0xFE or 0xFF or 0x00 when _line == 1:
                    throw new ImportException(
                        _line, "the file is not in UTF-8: convert it, for example with iconv -f UTF-16 -t UTF-8.");
                default:
                    throw new ImportException(_line, "a JSON object was expected here.");
            }
            _position++;
        }
        return false;
    }

    private async ValueTask<bool> Fill(CancellationToken cancellationToken)
    {
        _position = 0;
        // A read from standard input cannot be canceled, so this method stops waiting for the read.
        _end = await input.ReadAsync(_chunk, cancellationToken).AsTask().WaitAsync(cancellationToken);
        BytesRead += _end;
        return _end > 0;
    }

    /// <summary>Finds the end of an object. The scanner counts the braces outside strings.</summary>
    private struct JsonObjectScanner
    {
        private int _depth;
        private bool _isInText;
        private bool _isEscaped;

        public bool IsComplete { get; private set; }

        public void Scan(ReadOnlySpan<byte> bytes, ref int position, ref long line)
        {
            while (position < bytes.Length && !IsComplete)
            {
                var value = bytes[position++];
                if (value == '\n')
                    line++;
                if (_isEscaped)
                    _isEscaped = false;
                else if (_isInText)
                    (_isEscaped, _isInText) = (value == '\\', value != '"');
                else if (value == '"')
                    _isInText = true;
                else if (value == '{')
                    _depth++;
                else if (value == '}')
                    IsComplete = --_depth == 0;
            }
        }
    }
}
