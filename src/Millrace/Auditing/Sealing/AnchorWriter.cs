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

    private readonly SealOptions _options;
    private readonly HttpClient? _client;

    public AnchorWriter(SealOptions options)
    {
        _options = options;
        if (options.AnchorUrl is not null)
            _client = new HttpClient { Timeout = options.AnchorTimeout };
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
            await AppendLine(file, recorded.Payload, cancellationToken).ConfigureAwait(false);
        if (_options.AnchorUrl is { } url)
            await Post(url, recorded.Payload, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask AppendLine(
        string path, ReadOnlyMemory<byte> anchor, CancellationToken cancellationToken)
    {
        try
        {
            using var file = new FileStream(
                path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 1, FileOptions.Asynchronous);
            var line = new byte[anchor.Length + 2];
            var isAfterPartial = file.Length > 0 && LastByte(file) != '\n'; // A node was killed while it wrote.
            line[0] = (byte)'\n';
            anchor.CopyTo(line.AsMemory(1));
            line[^1] = (byte)'\n';
            file.Seek(0, SeekOrigin.End);
            await file.WriteAsync(line.AsMemory(isAfterPartial ? 0 : 1), cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SealAnchorException($"the file '{path}'", exception.Message, exception);
        }
    }

    private static int LastByte(FileStream file)
    {
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte();
    }

    private async ValueTask Post(Uri url, ReadOnlyMemory<byte> anchor, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(anchor);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var response = await _client!.PostAsync(url, content, cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                throw new SealAnchorException(
                    TargetOf(url), $"the receiver answered with status {(int)response.StatusCode}.");
        }
        catch (HttpRequestException exception)
        {
            throw new SealAnchorException(TargetOf(url), exception.Message, exception);
        }
        catch (TaskCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SealAnchorException(
                TargetOf(url), $"the receiver did not answer within {_options.AnchorTimeout}.", exception);
        }
    }

    /// <summary>Returns the address without user name, password and query, which can contain secrets.</summary>
    private static string TargetOf(Uri url) => url.GetComponents(
        UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
