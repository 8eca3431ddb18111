namespace Millrace.Cli;

/// <summary>Sizes for people.</summary>
internal static class ByteSizeText
{
    private const long KiB = 1024;
    private const long MiB = 1024 * KiB;
    private const long GiB = 1024 * MiB;

    public static string Of(long bytes) => bytes switch
    {
        < 10 * KiB => Counted.Of(bytes, "byte"),
        < 10 * MiB => $"{TextTable.Number(bytes / KiB)} KiB",
        < 10 * GiB => $"{TextTable.Number(bytes / MiB)} MiB",
        _ => $"{TextTable.Number(bytes / GiB)} GiB",
    };
}
