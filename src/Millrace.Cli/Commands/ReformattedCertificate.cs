using System.Text.Json;

namespace Millrace.Cli.Commands;

/// <summary>Reads a certificate from a file whose JSON was formatted again, for example by jq.</summary>
internal static class ReformattedCertificate
{
    private static readonly string[] Members = ["format", "key", "certificate", "signature"];

    /// <summary>Returns the certificate; null if the file is not one, or has the form in which it is written.</summary>
    public static ErasureCertificate? TryRead(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            var members = Members.Select(name => $"\"{name}\":\"{json.RootElement.GetProperty(name).GetString()}\"");
            var original = "{" + string.Join(",\n", members) + "}";
            return original == text.TrimEnd('\r', '\n') ? null : ErasureCertificate.Parse(original);
        }
        catch (Exception exception)
            when (exception is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            return null; // It is not a certificate, and the caller reports why.
        }
    }
}
