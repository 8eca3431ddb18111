using Microsoft.AspNetCore.Authorization;

namespace Millrace.AspNetCore.Access;

/// <summary>The requirement of a policy such as <c>millrace:operate.timers</c>.</summary>
internal sealed record AccessRequirement(AccessPermission Permission) : IAuthorizationRequirement;
