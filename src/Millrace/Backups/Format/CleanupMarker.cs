using System.Globalization;

namespace Millrace.Backups.Format;

/// <summary>
/// The name of an object without content, which states how far the log of a set was cleaned:
/// <c>STORE/000001-000001/removed/REMOVAL-POSITION-NUMBER-COMPLETE.mrbk</c>.
/// </summary>
/// <param name="Removal">The number of the last removal whose events were removed.</param>
/// <param name="Position">The last position up to which they were removed.</param>
/// <param name="Number">Objects with lower numbers, up to the position, have no changes.</param>
/// <param name="IsComplete">False if the pass for this removal is not complete.</param>
internal sealed record CleanupMarker(long Removal, long Position, long Number, bool IsComplete)
{
    private const string Extension = ".mrbk";

    /// <summary>Gets the marker of a set that was never cleaned.</summary>
    public static CleanupMarker None { get; } = new(0, 0, 0, IsComplete: true);

    public static string Folder(BackupSetId set) => set.Folder + "removed/";

    /// <summary>Parses the name; null for another object.</summary>
    public static CleanupMarker? Parse(string name)
    {
        var file = name[(name.LastIndexOf('/') + 1)..];
        var parts = file.Split('-', '.');
        if (parts.Length != 5 || !file.EndsWith(Extension, StringComparison.Ordinal))
            return null;
        Span<long> numbers = stackalloc long[4];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
                return null;
        }
        return new CleanupMarker(numbers[0], numbers[1], numbers[2], numbers[3] != 0);
    }

    public string NameIn(BackupSetId set) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Folder(set)}{Removal:D15}-{Position:D15}-{Number:D12}-{(IsComplete ? 1 : 0)}{Extension}");
}
