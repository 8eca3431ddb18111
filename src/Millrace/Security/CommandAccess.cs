using System.Security.Claims;

namespace Millrace;

/// <summary>
/// The access check of a command that is stored and sent later. The authorizers are called when the command is stored,
/// not when it is sent.
/// </summary>
/// <param name="Authorizers">The authorizers, resolved from the services of a request.</param>
/// <param name="User">The user on whose behalf the command is stored; null if there is no user.</param>
public sealed record CommandAccess(IReadOnlyList<IAuthorizer> Authorizers, ClaimsPrincipal? User);
