using System.Security.Claims;
using System.Text.Json;

namespace Millrace.Hosting.Access;

/// <summary>Decides about commands and queries by the access rules. The system may send everything.</summary>
/// <param name="access">Decides.</param>
/// <param name="model">The names of commands and queries.</param>
/// <param name="findUser">Returns the user of a request that does not name its user; null for the system.</param>
internal sealed class AccessAuthorizer(AccessControl access, ModelCatalog model, Func<ClaimsPrincipal?> findUser)
    : IAuthorizer
{
    public ValueTask<AccessDecision> Decide(AccessRequest request, CancellationToken cancellationToken) =>
        (request.User ?? findUser()) is { } user
            ? Decide(user, request, cancellationToken)
            : new ValueTask<AccessDecision>(AccessDecision.Allowed);

    private async ValueTask<AccessDecision> Decide(
        ClaimsPrincipal user, AccessRequest request, CancellationToken cancellationToken)
    {
        var type = request.Message.GetType();
        var permission = model.FindCommand(type) is not null
            ? AccessPermission.Send(request.Name)
            : AccessPermission.Ask(request.Name);
        var members = new MessageMembers(request.Message, type, model);
        var outcome = await access.Decide(user, permission, members.Find, cancellationToken).ConfigureAwait(false);
        return outcome.IsAllowed ? AccessDecision.Allowed : AccessDecision.Missing(permission);
    }

    /// <summary>The members of a message in JSON. The message is written only if a rule has a condition.</summary>
    private sealed class MessageMembers(object message, Type type, ModelCatalog model)
    {
        private JsonElement? _json;

        public string? Find(string member)
        {
            _json ??= model.Json.TryGetTypeInfo(type, out var info)
                ? JsonSerializer.SerializeToElement(message, info)
                : JsonElement.Parse("null");
            return MemberText.Of(_json.Value, member);
        }
    }
}
