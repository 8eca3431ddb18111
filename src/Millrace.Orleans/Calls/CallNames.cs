namespace Millrace.Orleans.Calls;

/// <summary>The names of members in calls between nodes. Nodes of different versions exchange them.</summary>
internal static class CallNames
{
    /// <summary>
    /// The format of calls and answers. A node that does not know that of a call lets the sender handle the command. A
    /// command whose answer has an unknown format is in doubt.
    /// </summary>
    public const int CurrentFormat = 1;

    public const string Format = "format";
    public const string Name = "name";
    public const string Body = "body";
    public const string Tenant = "tenant";
    public const string TraceParent = "traceParent";
    public const string TraceState = "traceState";
    public const string Build = "build";
    public const string CommandId = "commandId";
    public const string Store = "store";
    public const string RequestUser = "requestUser";
    public const string User = "user";
    public const string IdempotencyKey = "idempotencyKey";
    public const string CorrelationId = "correlationId";
    public const string CausationId = "causationId";
    public const string MaxRetries = "maxRetries";
    public const string MinDelay = "minDelay";
    public const string MaxDelay = "maxDelay";
    public const string Address = "address";
    public const string UserAgent = "userAgent";
    public const string Origin = "origin";
    public const string Retry = "retry";
    public const string Metadata = "metadata";
    public const string Kind = "kind";
    public const string Value = "value";
    public const string Version = "version";
    public const string Token = "token";
    public const string WasRepeated = "wasRepeated";
}
