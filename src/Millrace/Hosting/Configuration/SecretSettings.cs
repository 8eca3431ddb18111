using System.Text.RegularExpressions;

namespace Millrace.Hosting.Configuration;

/// <summary>
/// Masks secrets in values of settings: by the name of the setting, inside addresses and inside connection strings.
/// </summary>
internal static partial class SecretSettings
{
    public const string Mask = "***";

    // A message that contains a shorter value is only masked if the value is in quotes.
    private const int MinPlainValue = 4;
    private const string Notifications = $"{StoreSettings.Section}:Notifications:";

    private static readonly string[] Words =
        ["password", "passphrase", "secret", "token", "credential", "key.pem"];

    // These are no secrets, although their names contain such words.
    private static readonly string[] Exceptions =
        ["TokenLabel", "TokenFile", "SecretFile", "PasswordFile", "MaxWaitingPerKey"];

    // These contain mail addresses, which are no secrets.
    private static readonly string[] MailAddresses = ["From", "To", "User"];

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
        if (IsWebhook(key))
            return MaskedWebhook(value);
        var masked = Assignment().Replace(value, $"$1{Mask}");
        masked = UserInformation().Replace(masked, $"$1{Mask}@");
        return key.Split(':').Intersect(MailAddresses, StringComparer.OrdinalIgnoreCase).Any()
            ? masked
            : UserInformationWithoutScheme().Replace(masked, $"{Mask}@");
    }

    /// <summary>Returns a message about a setting without the secrets of its value.</summary>
    public static string MaskedMessage(string key, string? value, string message)
    {
        if (Masked(key, value) is not { Length: > 0 } masked || value is not { Length: > 0 } || masked == value)
            return message;
        if (value.Length < MinPlainValue)
            return message.Replace($"'{value}'", $"'{masked}'", StringComparison.Ordinal);
        var result = message.Replace(value, masked, StringComparison.Ordinal);
        // The text of a parsed address differs, such as in the case of the host.
        return Uri.TryCreate(value, UriKind.Absolute, out var address)
            ? result.Replace(address.ToString(), masked, StringComparison.Ordinal)
            : result;
    }

    /// <summary>Returns whether a value is the address of a webhook, whose path is a secret.</summary>
    private static bool IsWebhook(string key) =>
        key.StartsWith(Notifications, StringComparison.OrdinalIgnoreCase)
        && key.EndsWith(":Url", StringComparison.OrdinalIgnoreCase);

    private static string MaskedWebhook(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Host.Length > 0
            ? $"{address.Scheme}://{address.Authority}/{Mask}"
            : Mask;

    /// <summary>
    /// Finds the user information of an address, up to the last <c>@</c> before its path. What looks like a port but is
    /// no number is a password with a slash.
    /// </summary>
    [GeneratedRegex(
        @"([A-Za-z][A-Za-z0-9+.-]*://)"
            + @"(?:(?:\[[^\]]*\]|[^/@:[])*:(?!\d*(?:[/,;?#\s]|$))[^@/]*/.*@|[^/]*@)")]
    private static partial Regex UserInformation();

    /// <summary>Finds the user information at the start of an address without a scheme.</summary>
    [GeneratedRegex(@"^(?!\s*[\w .-]+=)[^/]*@")]
    private static partial Regex UserInformationWithoutScheme();

    /// <summary>
    /// Finds the secrets of connection strings and of queries. A secret ends at a semicolon after its quotes. In a
    /// query, it also ends at an ampersand.
    /// </summary>
    [GeneratedRegex(
        "((?:password|passphrase|pwd|secret|token|access[ _-]?key|account[ _-]?key|shared[ _-]?access[ _-]?key|"
            + "api[ _-]?key|sig|signature)\\s*=\\s*)"
            + "(?:(?<=://[^\\s;]*\\?[^\\s;]*)(?:(?!;[\\w .-]+=)[^&])+"
            + "|(?:\"(?:[^\"]|\"\")*\"?|'(?:[^']|'')*'?)?[^;]*)",
        RegexOptions.IgnoreCase)]
    private static partial Regex Assignment();
}
