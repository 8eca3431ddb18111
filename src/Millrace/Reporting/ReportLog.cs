using System.Text.Json;
using Millrace.Events;

namespace Millrace.Reporting;

/// <summary>Reads and appends the events about reports, which are in one reserved stream of the store.</summary>
internal sealed class ReportLog(EventStore store)
{
    private const int MaxAttempts = 10;

    public static readonly StreamId Stream = new("$reports");

    /// <summary>Records a declaration, unless the last one is the same.</summary>
    /// <exception cref="VersionConflictException">Other nodes recorded declarations at the same time.</exception>
    public async Task Declare(ReportDeclaration declared, CancellationToken cancellationToken)
    {
        var content = NewEvent.FromBytes(PlatformEvents.ReportsDeclared, declared.ToBytes());
        for (var attempt = 1; ; attempt++)
        {
            var (last, _, version) = await Read(cancellationToken).ConfigureAwait(false);
            if (last is not null && last.IsSameAs(declared))
                return;
            try
            {
                await Append(content, version, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (VersionConflictException) when (attempt < MaxAttempts)
            {
                // Another node declared, or extended a deadline, at the same time.
            }
        }
    }

    /// <summary>Records the extension of a deadline.</summary>
    public async Task Extend(DeadlineExtension extension, CancellationToken cancellationToken)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(extension, ReportJson.Default.DeadlineExtension);
        var content = NewEvent.FromBytes(PlatformEvents.DeadlineExtended, payload) with
        {
            Metadata = new EventMetadata { UserId = extension.By },
        };
        var request = new AppendRequest().ToReserved(Stream, ExpectedVersion.Any, content); // The first one applies.
        await store.Append(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads the last declaration, the first extension of each request, and the version of the stream. Events that
    /// cannot be read are left out.
    /// </summary>
    public async ValueTask<(
        ReportDeclaration? Declared, Dictionary<string, (DeadlineExtension Extension, DateTimeOffset At)> Extensions,
        long Version)> Read(CancellationToken cancellationToken)
    {
        ReportDeclaration? declared = null;
        var extensions = new Dictionary<string, (DeadlineExtension, DateTimeOffset)>(StringComparer.Ordinal);
        var version = (await store.GetStream(Stream, cancellationToken).ConfigureAwait(false))?.Version ?? 0;
        var head = (await store.GetToken(cancellationToken).ConfigureAwait(false)).Position;
        await foreach (var (_, recorded) in SourceReader.Read(store, Stream, head, cancellationToken)
            .ConfigureAwait(false))
        {
            if (recorded?.Type == PlatformEvents.DeadlineExtended && ReadExtension(recorded) is { } extension)
                extensions.TryAdd(extension.Erasure, (extension, recorded.Timestamp));
            else if (recorded?.Type == PlatformEvents.ReportsDeclared)
                declared = ReportDeclaration.TryRead(recorded.Payload.Span) ?? declared;
        }
        return (declared, extensions, version);
    }

    private static DeadlineExtension? ReadExtension(RecordedEvent recorded)
    {
        try
        {
            return JsonSerializer.Deserialize(recorded.Payload.Span, ReportJson.Default.DeadlineExtension)
                is { Erasure: not null, Reason: not null, By: not null } extension
                ? extension
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private Task<AppendResult> Append(NewEvent content, long version, CancellationToken cancellationToken) =>
        store.Append(
            new AppendRequest { CopiesReservedEvents = true }.To(Stream, ExpectedVersion.AsRead(version), content),
            cancellationToken);
}
