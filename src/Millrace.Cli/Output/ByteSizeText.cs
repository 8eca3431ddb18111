using System.Globalization;

namespace Millrace.Cli.Output;

/// <summary>Formats sizes in bytes.</summary>
internal static class ByteSizeText
{
    private const long KiB = 1024;
    private const long MiB = 1024 * KiB;
    private const long GiB = 1024 * MiB;

    public static string Of(long bytes) => bytes switch
    {
        < KiB => Counted.Of(bytes, "byte"),
        < MiB => In(bytes, KiB, "KiB"),
        < GiB => In(bytes, MiB, "MiB"),
        _ => In(bytes, GiB, "GiB"),
    };

    /// <summary>Formats a size in a unit: with one decimal below 10 and with none above, rounded down.</summary>
    private static string In(long bytes, long unit, string name)
    {
        var tenths = bytes / (unit / 10.0);
        return tenths < 100
            ? string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(tenths) / 10:0.#} {name}")
            : $"{TextTable.Number(bytes / unit)} {name}";
    }
}
