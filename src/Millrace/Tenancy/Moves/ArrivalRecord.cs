namespace Millrace.Tenancy.Moves;

/// <summary>The progress of a move of a tenant, in the shard to which the tenant moves.</summary>
/// <param name="Generation">The number of the move.</param>
/// <param name="SourcePosition">The position in the former shard of the last event that was copied.</param>
/// <param name="Run">A number that each call that starts or continues the move increases.</param>
internal sealed record ArrivalRecord(int Generation, long SourcePosition, long Run);
