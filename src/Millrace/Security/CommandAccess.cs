using System.Security.Claims;

namespace Millrace;

/// <summary>
/// On whose behalf a command is stored that is sent later, and who must allow that they send it: nobody is asked when
/// it is sent.
/// </summary>
/// <param name="Authorizers">Who must allow it, as the services of a request have them.</param>
/// <param name="User">On whose behalf; null when nobody is named.</param>
public sealed record CommandAccess(IReadOnlyList<IAuthorizer> Authorizers, ClaimsPrincipal? User);
