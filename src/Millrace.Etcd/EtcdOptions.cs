namespace Millrace.Etcd;

/// <summary>
/// How etcd is used. From the configuration section <c>Millrace:Etcd</c>, which comes after the application's own code and wins. Read when
/// the registry is made; later changes have no effect.
/// </summary>
public sealed class EtcdOptions
{
    /// <summary>Where etcd takes clients: <c>http://localhost:2379</c> by default, or with <c>https://</c>.</summary>
    public string Address { get; set; } = "http://localhost:2379";

    /// <summary>What the keys begin with; 1 to 200 characters, <c>millrace/services/</c> by default.</summary>
    public string KeyPrefix { get; set; } = "millrace/services/";

    /// <summary>How long an answer may take; from 100 milliseconds to 5 minutes, 5 seconds by default.</summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(5);

    internal EtcdOptions Copy() => (EtcdOptions)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        if (!Uri.TryCreate(Address, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
            yield return "Address: must be http://host:port or https://host:port.";
        if (KeyPrefix.Length is 0 or > 200)
            yield return $"KeyPrefix: must have from 1 to 200 characters, but has {KeyPrefix.Length}.";
        if (AnswerTimeout < TimeSpan.FromMilliseconds(100) || AnswerTimeout > TimeSpan.FromMinutes(5))
            yield return $"AnswerTimeout: must be from 100 milliseconds to 5 minutes, but is {AnswerTimeout}.";
    }
}
