using System.Globalization;
using Millrace.Storage;

namespace Millrace.Cli.Doctor;

/// <summary>Examines consumers, dead letters and read models.</summary>
internal sealed class ConsumerDoctorCheck(OpenStore open, TimeProvider time)
{
    private readonly ConsumerStatusTable _rows = new(open, time);

    public async Task<IReadOnlyList<Finding>> Run(CancellationToken cancellationToken)
    {
        var head = (await open.Storage.Log.GetHead(cancellationToken)).Position;
        var records = await _rows.List(null, cancellationToken);
        var findings = new List<Finding>();
        foreach (var record in records)
            findings.Add(await Of(record, head, cancellationToken));
        if (records.Count == 0)
            findings.Add(Finding.Ok("consumer", "No consumer has worked on this store yet."));
        findings.AddRange(await DeadLetters(cancellationToken));
        findings.AddRange(await ReadModels(records, cancellationToken));
        return findings;
    }

    private async Task<Finding> Of(ConsumerRecord record, long head, CancellationToken cancellationToken)
    {
        var name = $"Consumer '{record.Consumer}'"
            + (record.Partitions <= 1 ? "" : $", partition {record.Partition} of {record.Partitions},");
        var (state, behind) = (_rows.StateOf(record, head), head - ConsumerStatusTable.PositionOf(record));
        var lag = await _rows.LagOf(record, cancellationToken);
        var where = behind <= 0
            ? "has reached the end of the log"
            : string.Create(CultureInfo.InvariantCulture,
                $"is {behind:N0} events behind, the first of them {ConsumerStatusTable.Duration(lag)} old");
        return state switch
        {
            "Stalled" or "Faulted" => new Finding(
                "consumer", Severity.Problem, $"{name} is {state.ToLowerInvariant()} and {where}: {record.Error}",
                "What it feeds is out of date until it gets on. It tries again by itself, and goes on where it "
                    + "stopped.",
                $"Mend the cause. Where too many events wait: millrace dead-letters --consumer {record.Consumer}"),
            "Paused" => new Finding(
                "consumer", Severity.Note, $"{name} is paused and {where}.", "What it feeds is not kept up to date.",
                $"Resume it: millrace consumers resume {record.Consumer}"),
            "Stopped" when behind > 0 => new Finding(
                "consumer", Severity.Warning, $"{name} runs nowhere and {where}.", "What it feeds is out of date.",
                "Start the application. If no build has this consumer any more, nothing need be done."),
            _ when IsUnresponsive(record) => new Finding(
                "consumer",
                Severity.Warning,
                $"{name} holds its lease but has said nothing for {ConsumerStatusTable.Duration(Silence(record))}.",
                "It may hang in a handler that waits without a limit.",
                $"Look into the node '{record.Holder}'."),
            _ when lag > DoctorThresholds.LongLag && behind > DoctorThresholds.ManyEvents => new Finding(
                "consumer", Severity.Warning, $"{name} is {state.ToLowerInvariant()} and {where}.",
                "Readers of what it feeds wait, or see old figures.",
                "Watch whether it catches up: millrace consumers. Give it more partitions or a faster handler."),
            _ => Finding.Ok("consumer", $"{name} is {state.ToLowerInvariant()} and {where}."),
        };
    }

    private async Task<IEnumerable<Finding>> DeadLetters(CancellationToken cancellationToken)
    {
        const int MaxFindings = 5;
        var groups = await open.Storage.DeadLetters.ListGroups(null, MaxFindings, cancellationToken);
        if (groups.Count == 0)
            return [Finding.Ok("dead-letters", "No event waits for somebody to decide.")];
        return groups.Select(group => new Finding(
            "dead-letters", Severity.Warning,
            $"{Counted.Of(group.DeadLetters, "event")} failed in '{group.Consumer}' since "
                + $"{EventView.TimeOf(group.FirstFailedAt)}: "
                + $"{group.Sample.Message}",
            "Later events of the same keys wait behind them.",
            $"millrace dead-letters show {group.Sample.Id.ToString(CultureInfo.InvariantCulture)}; then mend the "
                + $"cause and retry, or skip "
                + "with a reason."));
    }

    private async Task<IEnumerable<Finding>> ReadModels(
        List<ConsumerRecord> records, CancellationToken cancellationToken)
    {
        var models = await open.Storage.Documents.ListReadModels(cancellationToken);
        var collections = await open.Storage.Documents.List(cancellationToken);
        var known = models
            .SelectMany(model => new[] { model.Live, model.Building, model.Kept })
            .ToHashSet(StringComparer.Ordinal);
        known.UnionWith(models.SelectMany(model => model.Retired.Select(one => one.Name)));
        var findings = new List<Finding>();
        foreach (var model in models.Where(model => model.Building is not null))
            findings.Add(Build(model, records));
        foreach (var collection in collections
                .Select(one => one.Definition.Name)
                .Where(name => IsOrphaned(name, models, known)))
            findings.Add(
                new Finding(
                    "read-models",
                    Severity.Note,
                    $"The documents '{collection}' belong to no read model that is in use.",
                    "They take room on the disk.",
                    "Nothing need be done: an application that runs removes them by itself."));
        if (findings.Count == 0)
            findings.Add(
                Finding.Ok(
                    "read-models", $"{Counted.Of(collections.Count, "collection")} of documents, none half-built."));
        return findings;
    }

    private Finding Build(ReadModelRecord model, List<ConsumerRecord> records)
    {
        var isAtWork = records.Any(record => record.Consumer == model.Building && _rows.IsHeld(record));
        return isAtWork
            ? new Finding("read-models", Severity.Note, $"'{model.Building}' is being built beside '{model.Live}'.",
                "Reads go on from the old one.")
            : new Finding(
                "read-models",
                Severity.Warning,
                $"'{model.Building}' is half-built beside '{model.Live}', and nobody works on it.",
                "Reads see the old documents until it is finished.",
                $"Start the application whose build has it, or give it up: millrace projections drop {model.Name}");
    }

    /// <summary>A read model without a row in the catalogue has never been built beside: its documents are in
    /// use.</summary>
    private static bool IsOrphaned(string collection, IReadOnlyList<ReadModelRecord> models, HashSet<string?> known) =>
        !known.Contains(collection)
        && models.Any(model => collection.StartsWith(model.Name + "@", StringComparison.Ordinal));

    private bool IsUnresponsive(ConsumerRecord record) => _rows.IsHeld(record) && record.ReportedAt is not null
        && Silence(record) > DoctorThresholds.LongSilence;

    private TimeSpan Silence(ConsumerRecord record) =>
        record.ReportedAt is { } at ? time.GetUtcNow() - at : TimeSpan.Zero;
}
