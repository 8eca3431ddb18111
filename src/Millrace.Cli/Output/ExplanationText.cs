using System.Globalization;
using System.Text;
using Millrace.Shared.Comparisons;

namespace Millrace.Cli.Output;

/// <summary>Writes an explanation as text: the answer, contradictions, and previous values.</summary>
internal sealed class ExplanationText(ToolInvocation call, Explanation found)
{
    private const int MaxCellCharacters = 60;

    private string Subject => found.Kind is ExplainedKind.Document or ExplainedKind.Table
        ? $"{found.Name}/{found.Key}"
        : found.Stream?.Value ?? found.Key;

    private string Path => found.Member is null ? Subject
        : found.Member.StartsWith('[') ? Subject + found.Member
        : $"{Subject}.{found.Member}";

    /// <summary>Gets whether an earlier search has reported the previous changes.</summary>
    private bool HasMoreHistory => found.SearchedFrom > 1;

    public void Write(bool withHistory)
    {
        WriteValue();
        if (found.Answer is { } answer)
            WriteAnswer(answer);
        WriteStored();
        WriteCaveats();
        if (withHistory && found.Changes.Count > 1)
            WriteHistory();
        else if (withHistory && HasMoreHistory)
            WriteContinuation("changed it");
        WriteRest();
    }

    /// <summary>Writes how to continue after the time limit.</summary>
    private void WriteRest()
    {
        if (found.IsComplete)
            return;
        call.Line(
            Text($"The time limit was reached at position {found.Position:N0} of {found.Until:N0}: the output shows ")
                + "this position.");
        // Not wrapped, so that it can be copied.
        call.Text.WriteLine(found.Continuation is { } text
            ? $"To continue from there, repeat the command with --go-on {text}"
            : "For the full result, repeat the command with more --seconds.");
    }

    private void WriteValue()
    {
        if (found.Events == 0)
        {
            call.Line($"{Path}: {Nothing}");
        }
        else if (found.Kind == ExplainedKind.Table)
        {
            call.Line(
                $"{Subject}: {Counted.Of(found.Events, "event")}, of which {TextTable.Number(found.ChangeCount)} "
                    + "caused statements."
            );
        }
        else if (found.Value is null)
        {
            call.Line($"{Path} has no value{(found.Exists ? "" : $": the {Noun} no longer exists")}.");
        }
        else if (found.Member is null)
        {
            call.Line($"{Path} =");
            foreach (var line in PayloadText.Of(Encoding.UTF8.GetBytes(found.Value)).Split('\n'))
                call.Text.WriteLine("    " + TerminalText.Of(line));
        }
        else
        {
            call.Line($"{Path} = {found.Value}");
        }
    }

    /// <summary>Gets whether whole documents are explained. In this case only the changes are written.</summary>
    private bool ExplainsDocuments => found.Changes.Any(change => change is { Before: ['{', ..], After: ['{', ..] });

    private string Nothing => found.Kind switch
    {
        _ when !found.IsComplete => "No event was found yet.",
        ExplainedKind.Document => "No event has created this document.",
        ExplainedKind.Table => "No event has this key.",
        _ => "The stream does not exist.",
    };

    private string Noun => found.Kind.ToString().ToLowerInvariant();

    private void WriteAnswer(ValueChange answer)
    {
        var (recorded, metadata) = (answer.Event, answer.Event.Metadata);
        var rows = TextTable.OfFacts().Add("by", string.Join(", then ", answer.Rules));
        var version = recorded.SchemaVersion == 1 ? "" : Text($", stored as version {recorded.SchemaVersion}");
        rows.Add(
            "event",
            Text($"{recorded.Type} at position {recorded.Position}, {EventView.TimeOf(recorded.Timestamp)}{version}"));
        if (answer.ReadAs.Count > 0)
            rows.Add("read as", string.Join(", ", answer.ReadAs));
        if (answer.IsCorrected)
            rows.Add("", "with the edited payload of a dead letter; the log contains the original");
        rows.Add("in", Text($"{recorded.Stream} @ {recorded.Version}"));
        rows.Add("id", recorded.Id.ToString());
        rows.Add("command", metadata.Command ?? "(not recorded)");
        AddIf(rows, "caused by", recorded.CausationId?.ToString());
        AddIf(rows, "conversation", recorded.CorrelationId?.ToString());
        rows.Add("user", metadata.UserId ?? "(not recorded)");
        AddIf(rows, "source", recorded.Source);
        rows.Add("build", metadata.ApplicationVersion ?? "(not recorded)");
        if (found.Member is not null && found.Kind != ExplainedKind.Table)
            rows.Add("before", answer.Before ?? "(none)");
        foreach (var statement in answer.Statements)
            rows.Add("statement", StatementText.Of(statement));
        foreach (var cause in found.Causes)
            rows.Add(
                "because of", Text($"{cause.Type} at position {cause.Position} in {cause.Stream} @ {cause.Version}"));
        rows.Write(call);
    }

    private void WriteStored() =>
        WriteLineIf(
            found.Stored.State switch
            {
                _ when found.Events == 0 && found.Stored.Value is null => null, // It never existed.
                StoredValueState.Same => $"Readers get the same value from {found.Stored.Collection}.",
                StoredValueState.Behind =>
                    $"Readers get {found.Stored.Value ?? "no value"} from {found.Stored.Collection}, which has not "
                        + "handled the latest events yet.",
                StoredValueState.Differs =>
                    $"Readers get another value from {found.Stored.Collection}: {found.Stored.Value ?? "none"}. Events "
                        + "were removed, the code of the projection changed without a new version, or another program "
                        + "changed the documents.",
                StoredValueState.OtherVersion =>
                    $"Readers get {found.Stored.Value ?? "no value"} from {found.Stored.Collection}, which another "
                        + "version of the projection created: this one is not built yet.",
                StoredValueState.InTables => "The tables belong to the application, and Millrace does not read them"
                    + (found.Member is null ? "" : $" and does not know which statement sets '{found.Member}'")
                    + ". Query the database for the row of the statements.",
                _ => null,
            }
        );

    private void WriteCaveats()
    {
        foreach (var removal in found.Removals)
            call.Line(RemovalText.LineOf(removal));
        foreach (var letter in found.DeadLetters)
        {
            call.Line(Text($"Dead letter {letter.Id}, {letter.State}: {letter.EventType} at position {letter.Position}")
                + (DeadLetterText.Short(letter) is { } why ? ": " + why : ""));
        }
        if (found.DeadLetterCount > found.DeadLetters.Count)
            call.Line(Text($"… and {found.DeadLetterCount - found.DeadLetters.Count:N0} more dead letters."));
        if (found.FailureCount > 0)
            call.Line(
                $"{Counted.Of(found.FailureCount, "event")} could not be read or "
                    + $"folded{(found.Failures.Count > 0 ? ":" : ".")}"
            );
        foreach (var failure in found.Failures)
            call.Line(Text($"    {failure.Position} {failure.Type}: {failure.Message}"));
    }

    private void WriteHistory()
    {
        if (found.Kind == ExplainedKind.Table)
        {
            WriteStatements();
            return;
        }
        string[] values = ExplainsDocuments ? ["~changed"] : ["~before", "~after"];
        var rows = new TextTable(["#position", "when", "event", "command", "user", .. values]);
        foreach (var change in found.Changes)
        {
            rows.Add(
            [
                TextTable.Number(change.Event.Position),
                EventView.TimeOf(change.Event.Timestamp),
                change.Event.Type,
                change.Event.Metadata.Command ?? "",
                change.Event.Metadata.UserId ?? "",
                .. ExplainsDocuments ? (string[])[Differences(change)] : [Cell(change.Before), Cell(change.After)],
            ]);
        }
        rows.Write(call);
        WriteContinuation("changed it");
    }

    private void WriteStatements()
    {
        var rows = new TextTable("#position", "when", "event", "~statement");
        foreach (var change in found.Changes)
        {
            foreach (var statement in change.Statements)
            {
                rows.Add(
                    TextTable.Number(change.Event.Position),
                    EventView.TimeOf(change.Event.Timestamp),
                    change.Event.Type,
                    StatementText.Of(statement));
            }
        }
        rows.Write(call);
        WriteContinuation("caused statements");
    }

    private void WriteContinuation(string did)
    {
        if (found.ChangeCount <= found.Changes.Count)
            return;
        var where = HasMoreHistory
            ? Text($"the previous search showed those up to position {found.SearchedFrom - 1:N0}; ")
                + "--all shows all later ones."
            : "--all shows all.";
        call.Line(Text($"{found.ChangeCount:N0} of {found.Events:N0} events {did}; {where}"));
    }

    private void WriteLineIf(string? line)
    {
        if (line is not null)
            call.Line(line);
    }

    private static string Differences(ValueChange change)
    {
        if (change.After is null)
            return "gone";
        var before = change.Before is null ? (ReadOnlyMemory<byte>?)null : Encoding.UTF8.GetBytes(change.Before);
        var fields = FieldDifferences.Between(before, Encoding.UTF8.GetBytes(change.After), out var count);
        var told = fields.Select(field => change.Before is null ? $"{field.Path}: {field.After}"
            : $"{field.Path}: {field.Before ?? "(none)"} -> {field.After ?? "(none)"}");
        return string.Join(", ", told) + (count > fields.Count ? Text($" … and {count - fields.Count:N0} more") : "");
    }

    private static string Cell(string? json) =>
        json is null ? "(none)"
        : json.Length <= MaxCellCharacters ? json
        : string.Concat(json.AsSpan(0, MaxCellCharacters), "…");

    private static void AddIf(TextTable rows, string name, string? value)
    {
        if (value is not null)
            rows.Add(name, value);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
