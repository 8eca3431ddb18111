using System.Text.RegularExpressions;

namespace Millrace.Hosting.Configuration;

/// <summary>Masks secrets in values of settings: by the name of the setting, and inside addresses.</summary>
internal static partial class SecretSettings
{
    public const string Mask = "***";

    private static readonly string[] Words =
        ["password", "passphrase", "secret", "token", "credential", "key.pem"];

    // These are no secrets, although their names contain such words.
    private static readonly string[] Exceptions =
        ["TokenLabel", "TokenFile", "SecretFile", "PasswordFile", "MaxWaitingPerKey"];

    /// <summary>Returns whether the whole value is a secret: the name of the setting, or of a part of its path, is that
    /// of a secret.</summary>
    public static bool IsSecret(string key) => key.Split(':').Any(IsSecretName);

    private static bool IsSecretName(string name) =>
        !Exceptions.Contains(name, StringComparer.OrdinalIgnoreCase)
        && (Words.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase))
            || name.EndsWith("key", StringComparison.OrdinalIgnoreCase)
            || name.Equals("pin", StringComparison.OrdinalIgnoreCase));

    /// <summary>Returns the value without secrets; null for null.</summary>
    public static string? Masked(string key, string? value)
    {
        if (value is not { Length: > 0 })
            return value;
        if (IsSecret(key))
            return Mask;
        var masked = UserInformation().Replace(value, $"$1{Mask}@");
        return Assignment().Replace(masked, $"$1{Mask}");
    }

    /// <summary>Finds the user information of an address, up to the last <c>@</c> before its path.</summary>
    [GeneratedRegex("([A-Za-z][A-Za-z0-9+.-]*://)[^/?#\\s,]*@")]
    private static partial Regex UserInformation();

    /// <summary>Finds the secrets of connection strings and of queries.</summary>
    [GeneratedRegex(
        "((?:password|passphrase|pwd|secret|token|access[ _-]?key|account[ _-]?key|shared[ _-]?access[ _-]?key|"
            + "api[ _-]?key|sig|signature)\\s*=\\s*)(?:\"[^\"]*\"|'[^']*'|[^;&,\\s]+)",
        RegexOptions.IgnoreCase)]
    private static partial Regex Assignment();
}
