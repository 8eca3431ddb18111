using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Auditing;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;
using Millrace.Shared.Json;

namespace Millrace.AspNetCore.Sql;

/// <summary>The HTTP endpoint for SQL statements of operators, if the application has added SQL.</summary>
internal static class SqlEndpoint
{
    private const int MaxSeconds = 86_400;
    private const int MaxNames = 500;
    private const string Everything = "*";

    private static readonly AccessPermission[] Required =
    [
        new(AccessAction.Read, Everything),
        AccessPermission.View(Everything),
        AccessPermission.Operate(OperatorActions.Access),
        AccessPermission.Operate(OperatorActions.Audit),
        AccessPermission.Operate(OperatorActions.Consumers),
        AccessPermission.Operate(OperatorActions.DeadLetters),
    ];

    public static void Map(OperatorRoutes routes)
    {
        if (!routes.Services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(ISqlService)))
            return;
        routes.Try("/sql", Run, new("Answers a SQL statement about the store, without values of marked members.")
        {
            ShowsData = true,
            Body = typeof(SqlStatementRequest),
        });
    }

    private static async Task Run(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var seconds = OperatorRequest.Number(body, "seconds", defaultValue: 0, min: 1, MaxSeconds);
        var maxRows = OperatorRequest.Number(body, "maxRows", defaultValue: 0, min: 1, int.MaxValue);
        var request = new SqlRequest(OperatorRequest.Required(body, "statement"))
        {
            MaxRows = maxRows == 0 ? null : (int)maxRows,
            TimeLimit = seconds == 0 ? null : TimeSpan.FromSeconds(seconds),
            Reading = views => OperatorAudit.AddQuery(http, "views", NamesOf(views)),
        };
        await DemandAll(http).ConfigureAwait(false);
        var answer = await http.RequestServices.GetRequiredService<ISqlService>()
            .Run(request, http.RequestAborted)
            .ConfigureAwait(false);
        http.Response.Headers[MillraceHeaders.Concealed] = "personal-data";
        await OperatorResponse.Write(http, writer => Write(writer, answer)).ConfigureAwait(false);
    }

    /// <summary>Returns the names of views, which the entry of the audit trail contains completely.</summary>
    private static string NamesOf(IReadOnlyList<string> views)
    {
        var names = string.Join(',', views);
        return names.Length <= MaxNames
            ? names
            : throw new SqlException(
                $"The names of the views have {names.Length} characters, and an entry of the audit trail has room for "
                    + $"{MaxNames}. Use fewer views in one statement.");
    }

    /// <summary>
    /// Requires the permissions for everything that a statement can show: all streams, all read models without limits,
    /// and what operators see of dead letters, consumers, the audit trail and access rules.
    /// </summary>
    private static async Task DemandAll(HttpContext http)
    {
        foreach (var permission in Required)
            await EndpointAccess.Demand(http, permission).ConfigureAwait(false);
        if (!EndpointAccess.IsOn(http.RequestServices))
            return;
        var documents = AccessPermission.View(Everything);
        var explanation = await http.RequestServices.GetRequiredService<AccessControl>()
            .Explain(http.User, documents, cancellationToken: http.RequestAborted)
            .ConfigureAwait(false);
        if (explanation.HiddenMembers.Count + explanation.MaskedMembers.Count > 0)
            throw EndpointAccess.Denied(http, documents);
    }

    private static void Write(Utf8JsonWriter writer, SqlAnswer answer)
    {
        writer.WriteStartObject();
        SqlAnswerJson.WriteMembers(writer, answer);
        writer.WriteEndObject();
    }
}
