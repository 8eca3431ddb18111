using System.Net.Http.Headers;
using Millrace.Events;

namespace Millrace.Auditing.Sealing;

/// <summary>
/// Writes each seal as an anchor to a file and to an address. An anchor can be written twice after a failure, and is
/// never omitted.
/// </summary>
internal sealed class AnchorWriter : IDisposable
{
    /// <summary>The name of the consumer.</summary>
    public const string ConsumerName = "seal-anchors";

    private const int BlockBytes = 4_096;

    private readonly SealOptions _options;
    private readonly HttpClient? _client;

    public AnchorWriter(SealOptions options)
    {
        _options = options;
        if (options.AnchorUrl is not null)
            // After a redirection, the anchor would be requested with GET, and a status of 200 would not mean that the
            // receiver stored it.
            _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
            {
                Timeout = options.AnchorTimeout,
            };
    }

    /// <summary>Defines the consumer. Any failure pauses it until the anchor is written.</summary>
    public ConsumerDefinition Consumer() =>
        ConsumerDefinition
            .Each(ConsumerName, EventFilter.OfTypes(PlatformEvents.SealMade), Write)
            .OnFailure(static policy => policy.System<SealAnchorException>());

    public void Dispose() => _client?.Dispose();

    private async ValueTask Write(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        if (recorded.Stream != SealStore.Stream)
            return;
        if (_options.AnchorFile is { } file)
            await TryWrite(
                    $"the file '{file}'",
                    () => AppendLine(file, recorded.Payload, cancellationToken),
                    cancellationToken)
                .ConfigureAwait(false);
        if (_options.AnchorUrl is { } url)
            await TryWrite(TargetOf(url), () => Post(url, recorded.Payload, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
    }

    /// <summary>Writes an anchor. Any failure pauses the consumer, because an anchor is never omitted.</summary>
    private async ValueTask TryWrite(string target, Func<ValueTask> write, CancellationToken cancellationToken)
    {
        try
        {
            await write().ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SealAnchorException(
                target, $"the receiver did not answer within {_options.AnchorTimeout}.", exception);
        }
        catch (Exception exception) when (exception is not (SealAnchorException or OperationCanceledException))
        {
            throw new SealAnchorException(target, exception.Message, exception);
        }
    }

    private static async ValueTask AppendLine(
        string path, ReadOnlyMemory<byte> anchor, CancellationToken cancellationToken)
    {
        using var file = new FileStream(
            path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1, FileOptions.Asynchronous);
        var start = await LastLineOf(file, cancellationToken).ConfigureAwait(false);
        var last = new byte[file.Length - start];
        file.Seek(start, SeekOrigin.Begin);
        await file.ReadExactlyAsync(last, cancellationToken).ConfigureAwait(false);
        var isWhole = last is [.., (byte)'\n'];
        var text = last.AsSpan(0, isWhole ? last.Length - 1 : last.Length);
        if (isWhole && text.SequenceEqual(anchor.Span))
            return; // The attempt before failed at the other target.
        if (SealJson.TryRead(last, out var before) && SealJson.TryRead(anchor, out var seal) && before.Log != seal.Log)
            throw new SealAnchorException(
                $"the file '{path}'",
                $"it contains anchors of another log ({before.Log}, not {seal.Log}). Each store needs its own file. "
                    + "Set AnchorFile.");
        if (!isWhole && !SealJson.TryRead(last, out _))
            file.SetLength(start); // A node was killed while it wrote, or the disk was full.
        else if (!isWhole)
            start = -1; // A whole anchor without the end of its line.
        var end = file.Length;
        var line = new byte[anchor.Length + 2];
        line[0] = (byte)'\n';
        anchor.CopyTo(line.AsMemory(1));
        line[^1] = (byte)'\n';
        file.Seek(0, SeekOrigin.End);
        try
        {
            await file.WriteAsync(line.AsMemory(start < 0 ? 0 : 1), cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            file.SetLength(end); // A part of a line is not an anchor.
            throw;
        }
    }

    /// <summary>Returns the start of the last line. The line is empty only if the file is empty.</summary>
    private static async ValueTask<long> LastLineOf(FileStream file, CancellationToken cancellationToken)
    {
        var block = new byte[BlockBytes];
        for (var end = file.Length - 1; end > 0;) // The last byte can be the end of the last line.
        {
            var count = (int)Math.Min(BlockBytes, end);
            file.Seek(end - count, SeekOrigin.Begin);
            await file.ReadExactlyAsync(block.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            var found = block.AsSpan(0, count).LastIndexOf((byte)'\n');
            if (found >= 0)
                return end - count + found + 1;
            end -= count;
        }
        return 0;
    }

    private async ValueTask Post(Uri url, ReadOnlyMemory<byte> anchor, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(anchor);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await _client!.PostAsync(url, content, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw new SealAnchorException(
                TargetOf(url), $"the receiver answered with status {(int)response.StatusCode}.");
    }

    /// <summary>Returns the address without user name, password and query, which can contain secrets.</summary>
    private static string TargetOf(Uri url) => url.GetComponents(
        UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
