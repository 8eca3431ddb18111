using System.Globalization;
using Millrace.Storage;

namespace Millrace.Cli.Output;

/// <summary>Formats a removal: the removed events, the time, the user and the reason.</summary>
internal static class RemovalText
{
    public static string LineOf(RemovalRecord removal)
    {
        var versions = Text($"versions {removal.FromVersion} to {removal.ToVersion}");
        var closed = removal.Kind == RemovalKind.Tombstone ? ", and closed permanently" : "";
        var removed = removal.Kind == RemovalKind.Delete
            ? $"Deleted: {removal.Stream} with {versions},"
            : Text($"Removed from the log: {removal.Events:N0} events of {removal.Stream}, {versions}{closed},");
        var by = removal.User is null ? "" : " by " + removal.User;
        return $"{removed} {EventView.TimeOf(removal.At)}{by}: {removal.Reason}";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
