using System.Text.Json;

namespace Millrace.Cli.Output;

/// <summary>Shows the values of enums.</summary>
internal static class EnumText
{
    /// <summary>Returns the name of a value in words, such as <c>not-before</c>.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
