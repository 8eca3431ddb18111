using Millrace.Sharding;

namespace Millrace.Tenancy.Moves;

/// <summary>A running move of a tenant, as it was read from the home shard.</summary>
/// <param name="Assignment">The assignment of the tenant.</param>
/// <param name="AssignmentVersion">The version of the document of the assignment.</param>
/// <param name="Move">The record of the move.</param>
/// <param name="MoveVersion">The version of the document of the record.</param>
internal sealed record TenantMoveState(
    ShardAssignment Assignment, long AssignmentVersion, TenantMoveRecord Move, long MoveVersion);
