using System.Globalization;

namespace Millrace.Backups.Format;

/// <summary>
/// The name of an object that completes a table copy:
/// <c>STORE/000001-000001/tables/NUMBER-POSITION-TIME-RANDOM.mrbk</c>. Its rows are in objects whose names start with
/// the name without the extension.
/// </summary>
/// <param name="Number">The number of the first part of the log that was written after the table copy.</param>
/// <param name="Position">The position that the rows reflect.</param>
/// <param name="Time">The time of the table copy, in milliseconds since 1970.</param>
/// <param name="Name">The whole name.</param>
internal sealed record TableCopyName(long Number, long Position, long Time, string Name)
{
    private const string Extension = ".mrbk";

    /// <summary>Gets the prefix of the names of the objects with rows.</summary>
    public string RowsPrefix => Name[..^Extension.Length] + "/";

    /// <summary>
    /// Gets the label of the table copy. The store notes it until changes were removed, which were all made later.
    /// </summary>
    public string Label => $"copy-{Name[(Name.LastIndexOf('-') + 1)..^Extension.Length]}";

    public static string Create(string folder, long number, long position, long time) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{folder}tables/{number:D12}-{position:D15}-{time:D14}-{LogObjectName.Random()}{Extension}");

    /// <summary>Parses the name; null for an object that does not complete a table copy.</summary>
    public static TableCopyName? Parse(string name)
    {
        var parent = name[..name.LastIndexOf('/')];
        var file = name[(parent.Length + 1)..];
        var parts = file.Split('-');
        if (parts.Length != 4
            || !parent.EndsWith("/tables", StringComparison.Ordinal)
            || !file.EndsWith(Extension, StringComparison.Ordinal)
            || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var time))
            return null;
        return new TableCopyName(number, position, time, name);
    }

    /// <summary>Returns the table copy to which an object with rows belongs; null for another object.</summary>
    public static TableCopyName? OfRows(string name)
    {
        var folder = name[..name.LastIndexOf('/')];
        return folder.Contains("/tables/", StringComparison.Ordinal) ? Parse(folder + Extension) : null;
    }

    /// <summary>Returns the name of an object with rows.</summary>
    public string RowsName(int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{RowsPrefix}rows-{index:D6}{Extension}");
}
