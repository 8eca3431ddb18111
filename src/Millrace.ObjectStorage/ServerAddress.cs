namespace Millrace.ObjectStorage;

/// <summary>Checks the addresses of servers, which appear in messages and so must not contain secrets.</summary>
internal static class ServerAddress
{
    public const string Problem =
        "Endpoint: must be http://host:port or https://host:port, without user, password and query.";

    public static bool IsValid(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri is { UserInfo: "", Query: "", Fragment: "" };
}
