namespace Millrace.Benchmarks.Http;

/// <summary>The body of a request that opens an account.</summary>
internal sealed record OpenAccount(Guid Account, string Owner);

/// <summary>The body of a request that deposits money.</summary>
internal sealed record DepositBody(decimal Amount);
