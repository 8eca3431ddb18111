using System.Runtime.CompilerServices;
using System.Text.Json;
using Millrace.Auditing;

namespace Millrace.Reporting;

/// <summary>Reads the events of a period as they are stored, in the order of the log.</summary>
internal sealed class FinancialLog(EventStore store, IReadOnlyList<string> categories, ReportPeriod period)
{
    private const string ReasonKey = "reason";

    /// <summary>
    /// Gets the position after which a reader stopped, because too many events cannot be read; null if none did.
    /// </summary>
    public long? StoppedAt { get; private set; }

    /// <summary>Reads the events of the period, of all streams or only of those that can be financial.</summary>
    public IAsyncEnumerable<(long Position, RecordedEvent? Event)> Read(
        bool isOfAllStreams, CancellationToken cancellationToken) =>
        Read(
            new EventFilter
            {
                From = period.From,
                To = period.To,
                StreamPrefix = isOfAllStreams ? null : CommonPrefix(),
            },
            cancellationToken);

    /// <summary>Reads the events before the period.</summary>
    public IAsyncEnumerable<(long Position, RecordedEvent? Event)> ReadBefore(CancellationToken cancellationToken) =>
        Read(new EventFilter { To = period.From }, cancellationToken);

    /// <summary>Returns whether an event is a change that the report lists.</summary>
    public bool IsChange(RecordedEvent recorded) =>
        period.Contains(recorded.Timestamp) && IsFinancial(recorded.Stream);

    public bool IsFinancial(StreamId stream) => categories.Contains(stream.Category, StringComparer.Ordinal);

    /// <summary>Reads the changes of financial streams with their seals.</summary>
    public async IAsyncEnumerable<ChangeRow> ReadChanges(
        SealVerification verification, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (categories.Count == 0)
            yield break;
        var seals = new SealTimeline(store.Stored.Storage.Log, period.Head, cancellationToken);
        await using var disposing = seals.ConfigureAwait(false);
        await foreach (var (position, recorded) in Read(isOfAllStreams: false, cancellationToken).ConfigureAwait(false))
        {
            if (recorded is not null && !IsChange(recorded))
                continue;
            var seal = await seals.Find(position).ConfigureAwait(false);
            yield return RowOf(position, recorded, verification.StatusOf(position, seal is not null)) with
            {
                SealNumber = seal?.Number,
            };
        }
    }

    /// <summary>Returns the metadata of an event; empty if they were changed so that they cannot be read.</summary>
    public static EventMetadata MetadataOf(RecordedEvent recorded)
    {
        try
        {
            return recorded.Metadata;
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            return EventMetadata.Empty;
        }
    }

    private IAsyncEnumerable<(long Position, RecordedEvent? Event)> Read(
        EventFilter filter, CancellationToken cancellationToken) =>
        StoredEventReader.Read(
            store.Stored.Storage.Log, filter, period.Head, position => StoppedAt ??= position, cancellationToken);

    private static ChangeRow RowOf(long position, RecordedEvent? recorded, SealStatus seal)
    {
        if (recorded is null)
            return new ChangeRow(position, SealStatus.Changed) { Type = "(cannot be read)" };
        var metadata = MetadataOf(recorded);
        return new ChangeRow(position, seal)
        {
            Time = recorded.Timestamp,
            Stream = recorded.Stream.Value,
            Version = recorded.Version,
            Type = recorded.Type,
            User = metadata.UserId,
            Command = metadata.Command,
            Reason = metadata.Extensions.GetValueOrDefault(ReasonKey),
            CorrelationId = recorded.CorrelationId,
        };
    }

    /// <summary>Returns the longest prefix of all categories; null if they have none.</summary>
    private string? CommonPrefix()
    {
        var prefix = categories.Count == 0 ? "" : categories[0];
        foreach (var category in categories)
        {
            while (!category.StartsWith(prefix, StringComparison.Ordinal))
                prefix = prefix[..^1];
        }
        return prefix.Length == 0 ? null : prefix;
    }
}
