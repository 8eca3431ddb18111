namespace Millrace;

/// <summary>What a query is asked with: services, the token that its answer must reach, and how long it may wait for that.</summary>
/// <param name="Services">The services of the scope it is asked in.</param>
/// <param name="After">What the answer must reflect; none by default.</param>
/// <param name="Wait">How long it may wait for that.</param>
public sealed record QueryContext(IServiceProvider Services, ConsistencyToken After, TimeSpan Wait);
