using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Auditing;
using Millrace.AspNetCore.Binding;

namespace Millrace.AspNetCore;

/// <summary>Handles HTTP requests for one type of query.</summary>
internal sealed class QueryEndpoint(QueryDefinition definition, ModelCatalog model)
{
    private readonly JsonTypeInfo _answer = MessageReader.JsonOf(definition.ResultType, model);

    public MessageReader Reader { get; } = new(definition.QueryType, model);

    public async Task Handle(HttpContext http)
    {
        try
        {
            var query = await Reader.Read(http, hasBody: false).ConfigureAwait(false);
            var bus = http.RequestServices.GetRequiredService<IQueryBus>();
            var result = await definition.Ask(bus, query, OptionsOf(http), http.RequestAborted).ConfigureAwait(false);
            if (result.Value is null)
                await ProblemWriter.Write(http, NotFoundMessage.Of(result.Freshness)).ConfigureAwait(false);
            else
                await Answer(http, result).ConfigureAwait(false);
        }
        catch (Exception exception) when (HttpProblem.CanAnswer(http, exception, out var problem))
        {
            await ProblemWriter.Write(http, problem, exception).ConfigureAwait(false);
        }
    }

    private static AskOptions OptionsOf(HttpContext http) => new()
    {
        After = RequestToken.Of(http),
        Wait = RequestToken.WaitOf(http) ?? AskOptions.DefaultWait,
        User = http.User.Identity?.IsAuthenticated == true ? http.User : null,
        Origin = RequestOrigin.Of(http),
    };

    private async Task Answer(HttpContext http, QueryResult<object?> result)
    {
        http.Response.Headers[MillraceHeaders.Fresh] = result.Freshness.ToString();
        if (result.Source != AnswerSource.Handler)
        {
            var level = result.Source == AnswerSource.ProcessCache ? "process" : "shared";
            http.Response.Headers[MillraceHeaders.Cache] = $"{level}; reflects={result.Reflects}";
        }
        if (result.Value is JsonNode filtered && definition.ResultType != typeof(JsonNode))
        {
            await FilteredJson.Write(http, filtered).ConfigureAwait(false);
            return;
        }
        http.Response.ContentType = "application/json; charset=utf-8";
        await JsonSerializer
            .SerializeAsync(http.Response.Body, result.Value, _answer, http.RequestAborted)
            .ConfigureAwait(false);
    }
}
