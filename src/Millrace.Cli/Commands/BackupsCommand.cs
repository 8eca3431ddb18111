using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Lists and checks the sets of a place of backups.</summary>
internal static class BackupsCommand
{
    private const int ShownCopies = 3;

    public static Command Create()
    {
        var place = new Argument<string>("place") { Description = BackupPlaces.Description };
        var command = new ToolCommand("backups", "Lists the backup sets of a place, and checks them.")
        {
            Examples =
            [
                ("backups backups/", "Each set with its positions and times"),
                ("backups backups/ --json", "For programs"),
            ],
        };
        command.Arguments.Add(place);
        command.Subcommands.Add(BackupsCheckCommand.Create());
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var sets = await StoreRestore.List(BackupPlaces.Open(call.Get(place)), cancellationToken);
            if (call.IsJson)
                JsonOutput.Array(call, sets, WriteMembers);
            else
                Write(call, sets);
            return ExitCode.Done;
        });
    }

    private static void Write(ToolInvocation call, IReadOnlyList<BackupSet> sets)
    {
        var table = new TextTable(
            "~set", "#epoch", "#last position", "#restorable", "last event", "copies of tables", "#objects", "#size");
        foreach (var set in sets)
        {
            table.Add(
                set.Id.ToString(),
                TextTable.Number(set.Id.Epoch),
                TextTable.Number(set.LastPosition),
                set.RestorablePosition is { } restorable ? TextTable.Number(restorable) : "none",
                set.LastEventAt is { } time ? EventView.TimeOf(time) : "",
                CopiesOf(set),
                TextTable.Number(set.Objects),
                ByteSizeText.Of(set.Bytes));
        }
        table.Write(call, "There are no backups.");
    }

    /// <summary>Returns the positions of the last copies of the tables.</summary>
    private static string CopiesOf(BackupSet set)
    {
        var last = string.Join(", ", set.Copies.TakeLast(ShownCopies).Select(TextTable.Number));
        return set.Copies.Count > ShownCopies ? $"{set.Copies.Count - ShownCopies} more, {last}" : last;
    }

    private static void WriteMembers(Utf8JsonWriter writer, BackupSet set)
    {
        writer.WriteString("set"u8, set.Id.ToString());
        writer.WriteString("store"u8, set.Id.Store);
        writer.WriteNumber("epoch"u8, set.Id.Epoch);
        writer.WriteNumber("generation"u8, set.Id.Generation);
        writer.WriteNumber("lastPosition"u8, set.LastPosition);
        if (set.RestorablePosition is { } restorable)
            writer.WriteNumber("restorablePosition"u8, restorable);
        if (set.LastEventAt is { } lastEventAt)
            writer.WriteString("lastEventAt"u8, lastEventAt);
        writer.WriteStartArray("tableCopies"u8);
        foreach (var position in set.Copies)
            writer.WriteNumberValue(position);
        writer.WriteEndArray();
        if (set.LastCopyAt is { } copy)
            writer.WriteString("lastCopyAt"u8, copy);
        writer.WriteNumber("objects"u8, set.Objects);
        writer.WriteNumber("sizeBytes"u8, set.Bytes);
    }
}
