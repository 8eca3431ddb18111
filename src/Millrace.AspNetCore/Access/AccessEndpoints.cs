using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Access;

/// <summary>The HTTP endpoints that list, explain, grant and revoke rights.</summary>
internal static class AccessEndpoints
{
    private static readonly OperatorParameter At =
        new("at", typeof(long), "A position of the log; its end by default.");

    /// <summary>Maps the routes. Grants and revocations need the permission to grant their right.</summary>
    public static void Map(OperatorRoutes routes)
    {
        var reads = routes.For(OperatorActions.Access);
        reads.MapRead("/access", List, new("Returns the roles and the granted rights.")
        {
            Answer = typeof(AccessView),
            Query = [At],
        });
        reads.MapRead("/access/explain", Explain, new("Explains whether a user has a permission, and why.")
        {
            Answer = typeof(AccessExplanationView),
            Query =
            [
                new("user", typeof(string), "The id of the user."),
                new("roles", typeof(string), "The roles in the claims of the user, separated by commas."),
                new("permission", typeof(string), "The permission, such as send place-order or view customer.email."),
                At,
            ],
        });
        routes.Decide(HttpMethods.Post, "/access/grants", Grant, new("Grants a right to a user or a role.")
        {
            Answer = typeof(AccessGrantView),
            Body = typeof(AccessGrantRequest),
        });
        routes.Decide(HttpMethods.Post, "/access/revocations", Revoke, new("Revokes a granted right.")
        {
            Answer = typeof(AccessGrantView),
            Body = typeof(AccessGrantRequest),
        });
    }

    private static AccessControl AccessOf(HttpContext http) => http.RequestServices.GetRequiredService<AccessControl>();

    private static async Task List(HttpContext http)
    {
        var found = await AccessOf(http).List(PositionOf(http), http.RequestAborted).ConfigureAwait(false);
        var view = new AccessView(found.Position, found.Roles, [.. found.Grants.Select(AccessGrantView.Of)]);
        await OperatorResponse.Write(http, view, OperatorJson.Default.AccessView).ConfigureAwait(false);
    }

    private static async Task Explain(HttpContext http)
    {
        var id = OperatorRequest.Query(http, "user") is { Length: > 0 } name
            ? name
            : throw OperatorRequest.Bad("user", "It is missing: give the id of the user.");
        var permission = OperatorRequest.Query(http, "permission") is { Length: > 0 } text
            ? AccessPermission.Parse(text)
            : throw OperatorRequest.Bad("permission", "It is missing: give a permission, such as send place-order.");
        var roles = (OperatorRequest.Query(http, "roles") ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var user = await AccessOf(http)
            .UserOf(id, roles, cancellationToken: http.RequestAborted)
            .ConfigureAwait(false);
        var found = await AccessOf(http)
            .Explain(user, permission, PositionOf(http), http.RequestAborted)
            .ConfigureAwait(false);
        await OperatorResponse
            .Write(http, AccessExplanationView.Of(found), OperatorJson.Default.AccessExplanationView)
            .ConfigureAwait(false);
    }

    private static Task Grant(HttpContext http) => Change(http, AccessOf(http).Grant);

    private static Task Revoke(HttpContext http) => Change(http, AccessOf(http).Revoke);

    private static async Task Change(
        HttpContext http,
        Func<AccessGrantee, string, AccessAuthor, CancellationToken, Task<AccessGrant>> change)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        if (!AccessGrantee.TryParse(Required(body, "to"), out var to))
            throw OperatorRequest.BadMember("to", "It must be a user or a role, such as user:alice or role:clerk.");
        var author = new AccessAuthor(http.User, Required(body, "reason"));
        var changed = await change(to, Required(body, "right"), author, http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse
            .Write(http, AccessGrantView.Of(changed), OperatorJson.Default.AccessGrantView)
            .ConfigureAwait(false);
    }

    private static string Required(JsonObject body, string name) =>
        OperatorRequest.Text(body, name) is { } text && !string.IsNullOrWhiteSpace(text)
            ? text
            : throw OperatorRequest.BadMember(name, "It is missing.");

    private static long? PositionOf(HttpContext http) =>
        http.Request.Query.ContainsKey("at") ? OperatorRequest.Number(http, "at", 0, 0, long.MaxValue) : null;
}
