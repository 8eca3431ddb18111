namespace Millrace.Etcd;

/// <summary>
/// Options for etcd. The configuration section <c>Millrace:Etcd</c> overrides the application's code. They are read
/// when the registry is created; later changes have no effect.
/// </summary>
public sealed class EtcdOptions
{
    /// <summary>
    /// Gets or sets the endpoints of etcd: <c>http://host:port</c> or <c>https://host:port</c>, several separated by
    /// commas, at most 20 and all with the same scheme; <c>http://localhost:2379</c> by default. With several, the
    /// registry uses the members that answer.
    /// </summary>
    public string Address { get; set; } = "http://localhost:2379";

    /// <summary>
    /// Gets or sets the prefix of the keys; 1 to 200 characters, <c>millrace/services/</c> by default.
    /// </summary>
    public string KeyPrefix { get; set; } = "millrace/services/";

    /// <summary>
    /// Gets or sets the maximum time until an answer, including attempts at other endpoints; from 100 milliseconds to 5
    /// minutes, 5 seconds by default.
    /// </summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets the user of etcd; none by default. It needs a role with read and write permission on
    /// <see cref="KeyPrefix"/>, and <see cref="Password"/>. A token that expires, or that a restarted server does not
    /// know, is renewed.
    /// </summary>
    public string? User { get; set; }

    /// <summary>Gets or sets the password of <see cref="User"/>; none by default.</summary>
    public string? Password { get; set; }

    /// <summary>
    /// Gets or sets the path of a PEM file with the certificate authorities that sign the certificates of etcd, instead
    /// of those that the machine trusts; none by default. Requires <c>https://</c>.
    /// </summary>
    public string? CertificateAuthorityFile { get; set; }

    /// <summary>
    /// Gets or sets the path of a PEM file with the client's certificate, followed by intermediate certificates; none
    /// by default. Requires <c>https://</c> and <see cref="ClientKeyFile"/>.
    /// </summary>
    public string? ClientCertificateFile { get; set; }

    /// <summary>
    /// Gets or sets the path of a PEM file with the private key of <see cref="ClientCertificateFile"/>; none by
    /// default.
    /// </summary>
    public string? ClientKeyFile { get; set; }

    internal bool IsSecure =>
        Endpoints() is [var first, ..] && first.StartsWith(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase);

    internal string[] Endpoints() =>
        Address.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    internal EtcdOptions Copy() => (EtcdOptions)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        if (ProblemOfAddress() is { } problem)
            yield return problem;
        if (KeyPrefix.Length is 0 or > 200)
            yield return $"KeyPrefix: must have from 1 to 200 characters, but has {KeyPrefix.Length}.";
        if (AnswerTimeout < TimeSpan.FromMilliseconds(100) || AnswerTimeout > TimeSpan.FromMinutes(5))
            yield return $"AnswerTimeout: must be from 100 milliseconds to 5 minutes, but is {AnswerTimeout}.";
        if (string.IsNullOrWhiteSpace(User) != string.IsNullOrWhiteSpace(Password))
            yield return "User and Password: set both, or neither.";
        if (string.IsNullOrEmpty(ClientCertificateFile) != string.IsNullOrEmpty(ClientKeyFile))
            yield return "ClientCertificateFile and ClientKeyFile: set both, or neither.";
        if (!IsSecure && (CertificateAuthorityFile ?? ClientCertificateFile ?? ClientKeyFile) is { Length: > 0 })
            yield return "CertificateAuthorityFile, ClientCertificateFile and ClientKeyFile: need an Address with "
                + "https://.";
    }

    /// <summary>Returns the problem with the address, without the address, which may contain a password.</summary>
    private string? ProblemOfAddress()
    {
        var endpoints = Endpoints();
        if (endpoints.Length is 0 or > 20)
            return $"Address: must have from 1 to 20 endpoints, but has {endpoints.Length}.";
        if (!endpoints.All(IsEndpoint))
            return "Address: must be http://host:port or https://host:port, or several of them separated by commas, "
                + "without user and path.";
        return endpoints.Select(static one => new Uri(one).Scheme).Distinct().Count() > 1
            ? "Address: all endpoints must have the same scheme, http:// or https://."
            : null;
    }

    private static bool IsEndpoint(string endpoint) => Uri.TryCreate(endpoint, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri is { PathAndQuery: "/", UserInfo: "", Fragment: "" };
}
