using System.Buffers;
using System.Text.Json;

namespace Millrace.Reporting;

/// <summary>
/// Writes JSON to a stream, without synchronous writes: the serializer flushes its writer after each value, so that the
/// writer has a buffer in memory.
/// </summary>
internal sealed class ReportJsonOutput : IDisposable
{
    private const int MaxPendingBytes = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _buffer = new(MaxPendingBytes);
    private readonly Stream _output;

    public ReportJsonOutput(Stream output)
    {
        _output = output;
        Json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Indented = true });
    }

    public Utf8JsonWriter Json { get; }

    public ValueTask FlushIfLarge(CancellationToken cancellationToken) =>
        _buffer.WrittenCount > MaxPendingBytes ? Flush(cancellationToken) : ValueTask.CompletedTask;

    public async ValueTask Flush(CancellationToken cancellationToken)
    {
        Json.Flush();
        await _output.WriteAsync(_buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        _buffer.ResetWrittenCount();
    }

    public void Dispose() => Json.Dispose();
}
