using System.Globalization;
using Millrace.Storage;

namespace Millrace.Cli;

/// <summary>A removal for people: what was taken away, when, by whom and why.</summary>
internal static class RemovalText
{
    public static string LineOf(RemovalRecord removal)
    {
        var what =
            removal.Kind == RemovalKind.Delete
                ? Text($"Deleted: {removal.Stream} with versions {removal.FromVersion} to {removal.ToVersion},")
                : Text($"Removed from the log: {removal.Events:N0} events of {removal.Stream}, ")
                    + Text($"versions {removal.FromVersion} to ")
                    + Text(
                        $"{removal.ToVersion}{(removal.Kind == RemovalKind.Tombstone ? ", and closed for ever," : ",")}"
                    );
        var by = removal.By is null ? "" : " by " + removal.By;
        return $"{what} {EventView.TimeOf(removal.At)}{by}: {removal.Reason}";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
