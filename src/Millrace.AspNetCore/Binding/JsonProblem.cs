using System.Text.Json;

namespace Millrace.AspNetCore.Binding;

/// <summary>Describes why JSON could not be read as a type.</summary>
internal static class JsonProblem
{
    /// <summary>
    /// Returns the message of a rule of the type, or the message of the JSON reader without the path.
    /// </summary>
    public static string Describe(JsonException exception)
    {
        if (exception.InnerException is MillraceException refused)
            return refused.Message;
        var message = WithoutPath(exception.Message);
        var namesMember = message.StartsWith("The member '", StringComparison.Ordinal);
        return namesMember ? message : $"It is not valid: {message}";
    }

    /// <summary>Removes the path, such as <c>Path: $.page | LineNumber: 0</c>, which the caller adds.</summary>
    private static string WithoutPath(string message)
    {
        var path = message.LastIndexOf(" Path: $", StringComparison.Ordinal);
        return path < 0 ? message : message[..path];
    }
}
