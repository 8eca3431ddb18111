using System.Globalization;

namespace Millrace.Cli.CloudEvents;

/// <summary>A line of an imported file.</summary>
/// <param name="Number">The number of the line, from 1.</param>
/// <param name="File">The file; null if only one file is imported.</param>
internal readonly record struct ImportLine(long Number, string? File = null)
{
    public static implicit operator ImportLine(long number) => new(number);

    public override string ToString() => File is null
        ? string.Create(CultureInfo.CurrentCulture, $"Line {Number:N0}")
        : string.Create(CultureInfo.CurrentCulture, $"File '{File}', line {Number:N0}");
}
