using System.Globalization;
using System.Text;
using Millrace.Storage;

namespace Millrace.Cli.Output;

/// <summary>Writes an entity at a position as text, and the differences between two positions.</summary>
internal static class EntityText
{
    private const int MaxListed = 10;

    public static void Write(ToolInvocation call, EntityView view)
    {
        if (!view.Exists && !view.IsComplete)
        {
            call.Line($"{view.Stream}: no event was found yet.");
            WriteRemaining(call, view);
            return;
        }
        if (!view.Exists)
        {
            call.Line(view.Position == 0
                ? $"{view.Stream} did not exist then: the log starts later."
                : Text($"{view.Stream} did not exist at position {view.Position}, or was deleted."));
            WriteRemovals(call, view);
            return;
        }
        call.Line(Text($"{view.Stream} at position {view.Position}: version {view.Version}"));
        if (view.Last is { } last)
            call.Line($"last event  {last.Type}, {EventView.TimeOf(last.Timestamp)}");
        if (view.State is { } state)
            WriteBlock(call, view.Aggregate + ":", state);
        foreach (var document in view.Documents)
            WriteBlock(
                call,
                Text($"{document.ReadModel}/{document.Key}, as of position {document.Position}:"),
                document.Value);
        if (view.MoreDocuments > 0)
            call.Line(Text($"… and {view.MoreDocuments:N0} more documents."));
        foreach (var table in view.Tables)
        {
            call.Line($"Tables of {table.Projection}, {Counted.Of(table.Events, "event")}. 'millrace why "
                + $"{table.Projection}/{table.Key}' shows the statements.");
        }
        foreach (var letter in view.DeadLetters)
            call.Line(LineOf(letter));
        if (view.DeadLetters.Count == 0)
            call.Line("No dead letters.");
        WriteRemovals(call, view);
        if (view.FailureCount > 0)
            call.Line($"{Counted.Of(view.FailureCount, "event")} could not be read or folded:");
        foreach (var failure in view.Failures)
            call.Line(Text($"    {failure.Position} {failure.Type}: {failure.Message}"));
        WriteRemaining(call, view);
    }

    public static void Write(ToolInvocation call, EntityDifference difference)
    {
        call.Line(
            Text($"{difference.After.Stream} from position {difference.Before.Position} ")
                + Text($"(version {difference.Before.Version}) to ")
                + Text($"{difference.After.Position} (version {difference.After.Version}): ")
                    + $"{Counted.Of(difference.EventCount, "event")}.");
        foreach (var recorded in difference.Events)
        {
            var metadata = recorded.Metadata;
            var by =
                (metadata.Command is { } command ? ", " + command : "")
                + (metadata.UserId is { } user ? " by " + user : "");
            call.Line(
                Text($"    {recorded.Position} {recorded.Type} @ {recorded.Version}, ")
                    + $"{EventView.TimeOf(recorded.Timestamp)}{by}");
        }
        foreach (var change in difference.Changes)
        {
            var subject = change.ReadModel is null ? difference.After.Aggregate : $"{change.ReadModel}/{change.Key}";
            call.Line($"{subject} {change.Kind.ToString().ToLowerInvariant()}:");
            foreach (var field in change.Fields)
                call.Line($"    {field.Path}: {field.Before ?? "(none)"} -> {field.After ?? "(none)"}");
            if (change.FieldCount > change.Fields.Count)
                call.Line(Text($"    … and {change.FieldCount - change.Fields.Count:N0} more fields."));
        }
        if (difference.Changes.Count == 0)
            call.Line(difference.IsComplete ? "There are no differences." : "There are no differences so far.");
        if (difference.After.MoreDocuments > 0)
            call.Line(Text($"… and {difference.After.MoreDocuments:N0} more documents that are not compared."));
        foreach (var letter in difference.OpenedDeadLetters)
            call.Line("New: " + LineOf(letter));
        foreach (var letter in difference.ClosedDeadLetters)
            call.Line("Gone: " + LineOf(letter));
        WriteRemovals(call, difference.After);
        WriteRemaining(call, difference);
    }

    /// <summary>Writes which parts were not compared when the time limit was reached.</summary>
    private static void WriteRemaining(ToolInvocation call, EntityDifference difference)
    {
        if (difference.IsComplete)
            return;
        var notCompared = difference.NotCompared;
        var view = difference.Before.IsComplete ? difference.After : difference.Before;
        call.Line(
            Text($"The time limit was reached at position {view.SearchedTo:N0} of {difference.After.Position:N0}: ")
                + "the comparison is incomplete.");
        if (notCompared.Count > 0)
        {
            var names = notCompared.Take(MaxListed)
                .Select(part => part.ReadModel is null ? difference.After.Aggregate : $"{part.ReadModel}/{part.Key}");
            var more = notCompared.Count > MaxListed ? Text($", and {notCompared.Count - MaxListed:N0} more") : "";
            call.Line($"Not compared: {string.Join(", ", names)}{more}.");
        }
        call.Line("To compare everything, repeat the command with more --seconds.");
    }

    private static void WriteRemaining(ToolInvocation call, EntityView view)
    {
        if (view.IsComplete)
            return;
        call.Line(
            Text($"The time limit was reached at position {view.SearchedTo:N0} of {view.Position:N0}: ")
                + "the output shows this position. For the full result, repeat the command with more --seconds.");
    }

    private static void WriteRemovals(ToolInvocation call, EntityView view)
    {
        foreach (var removal in view.Removals)
            call.Line(RemovalText.LineOf(removal));
    }

    private static void WriteBlock(ToolInvocation call, string title, string? json)
    {
        call.Line(title);
        var text = json is null ? "(none)" : PayloadText.Of(Encoding.UTF8.GetBytes(json));
        foreach (var line in TerminalText.Of(text).Split('\n'))
            call.Text.WriteLine("    " + line);
    }

    private static string LineOf(DeadLetter letter) =>
        Text($"Dead letter {letter.Id} of {letter.Consumer}, {letter.State}: {letter.EventType} at position ")
            + Text($"{letter.Position}{(letter.Message is null ? "" : ": " + letter.Message)}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
