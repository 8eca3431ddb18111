using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Projecting;

/// <summary>
/// The HTTP endpoints for read models. They return the status of read models and the progress of rebuilds. If the
/// application allows decisions, operators can also rebuild, switch and drop read models.
/// </summary>
internal sealed class ProjectionEndpoints(ProjectionOverview overview, ILogger logger)
{
    private const int MaxExamples = 100;
    private const int MaxWaitSeconds = 60;
    private const string Refused =
        "The operation is not possible now: no rebuild is running, no previous collection is kept, or it has not "
            + "caught up.";

    public static void Map(OperatorRoutes routes)
    {
        var services = routes.Services;
        var overview = new ProjectionOverview(
            new RebuildRateTracker(services.GetService<TimeProvider>() ?? TimeProvider.System));
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger<ProjectionEndpoints>();
        var projections = new ProjectionEndpoints(overview, logger);
        routes.MapRead(
            "/projections",
            projections.List,
            new("Returns all read models: the collection in use, the one being rebuilt, and its progress. With shards, "
                + "returns each read model once for each available shard.")
            {
                Answer = typeof(IReadOnlyList<ProjectionView>),
            }
        );
        routes.MapRead(
            "/projections/{name}",
            projections.Show,
            new("Returns a read model; with shards, as one of them contains it.")
            {
                Answer = typeof(ProjectionView),
                Query = [new("shard", typeof(string), "The shard; the home shard by default.")],
            });
        routes.MapRead(
            "/projections/{name}/comparison",
            projections.Compare,
            new("Compares the collection in use with the rebuild or, if there is none, with the previous collection.")
            {
                ShowsData = true,
                Answer = typeof(ComparisonView),
                Query =
                [
                    new("examples", typeof(int),
                        $"The maximum number of examples; from 0 to {MaxExamples}, 10 by default."),
                ],
                Conflict = Refused,
            }
        );
        projections.MapDecisions(routes);
    }

    private void MapDecisions(OperatorRoutes routes)
    {
        routes.Decide(
            HttpMethods.Post,
            "/projections/{name}/build",
            Build,
            new(
                "Rebuilds a read model from the first event, beside the collection in use. A running rebuild is "
                    + "joined. The answer does not wait for it."
            )
            {
                Answer = typeof(ProjectionView),
                Body = typeof(BuildRequest),
                Status = 202,
                Conflict = Refused,
            }
        );
        routes.Decide(
            HttpMethods.Delete,
            "/projections/{name}/build",
            Cancel,
            new("Cancels the running rebuild and removes its documents.")
            {
                Answer = typeof(ProjectionView),
                Conflict = Refused,
            }
        );
        routes.Decide(
            HttpMethods.Post,
            "/projections/{name}/switch",
            Switch,
            new("Switches to the rebuilt collection, in one transaction, as soon as it has caught up.")
            {
                Answer = typeof(ProjectionView),
                Body = typeof(SwitchRequest),
                Conflict = Refused,
            }
        );
        routes.Decide(
            HttpMethods.Post,
            "/projections/{name}/go-back",
            SwitchBack,
            new("Switches back to the previous collection; the present one is kept instead.")
            {
                Answer = typeof(ProjectionView),
                Body = typeof(SwitchRequest),
                Conflict = Refused,
            }
        );
        routes.Decide(
            HttpMethods.Delete,
            "/projections/{name}/kept",
            Drop,
            new("Removes the documents of the previous collection; switching back is then impossible.")
            {
                Answer = typeof(ProjectionView),
                Conflict = Refused,
            }
        );
    }

    private static Millrace.Projections ProjectionsOf(HttpContext http) =>
        http.RequestServices.GetRequiredService<Millrace.Projections>();

    private async Task List(HttpContext http)
    {
        var all = await overview.List(ProjectionsOf(http), http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse.Write(http, all, OperatorJson.Default.IReadOnlyListProjectionView).ConfigureAwait(false);
    }

    private Task Show(HttpContext http) => Show(http, 200);

    private async Task Show(HttpContext http, int status)
    {
        var one = await Find(http).ConfigureAwait(false);
        await OperatorResponse.Write(http, one, OperatorJson.Default.ProjectionView, status).ConfigureAwait(false);
    }

    private async Task<ProjectionView> Find(HttpContext http)
    {
        var name = OperatorRequest.Name(http);
        var all = await overview.List(ProjectionsOf(http), http.RequestAborted).ConfigureAwait(false);
        var shard = OperatorRequest.Query(http, "shard");
        return all.FirstOrDefault(one => one.Name == name && (shard is null || one.Shard == shard))
            ?? throw new ProjectionNotFoundException(name);
    }

    private async Task Compare(HttpContext http)
    {
        var examples = (int)OperatorRequest.Number(http, "examples", 10, 0, MaxExamples);
        var name = (await Find(http).ConfigureAwait(false)).Name;
        var found = await ProjectionsOf(http).Compare(name, examples, http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse
            .Write(http, ComparisonView.Of(found), OperatorJson.Default.ComparisonView)
            .ConfigureAwait(false);
    }

    private async Task Build(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var word = OperatorRequest.Word(
            body,
            "switch",
            BuildRequest.Automatic,
            [BuildRequest.Automatic, BuildRequest.Manual]);
        var name = (await Find(http).ConfigureAwait(false)).Name;
        var when = word == BuildRequest.Manual ? BuildSwitch.Manual : BuildSwitch.Automatic;
        var projections = ProjectionsOf(http);
        await projections.StartRebuildBeside(name, when, http.RequestAborted).ConfigureAwait(false);
        await overview.Begin(projections, name, http.RequestAborted).ConfigureAwait(false);
        OperatorLog.Asked(logger, http, $"build ({word})");
        await Show(http, 202).ConfigureAwait(false);
    }

    private Task Cancel(HttpContext http) => Change(http, "cancel the build of", async (projections, name) =>
    {
        if (await projections.DropBuild(name, http.RequestAborted).ConfigureAwait(false) is null)
            throw new ReadModelBuildException(name, "no rebuild is running.");
    });

    private Task Drop(HttpContext http) => Change(http, "drop what is kept of", async (projections, name) =>
    {
        if (await projections.DropKept(name, http.RequestAborted).ConfigureAwait(false) is null)
            throw new ReadModelBuildException(name, "no previous collection is kept.");
    });

    private async Task Switch(HttpContext http)
    {
        var (wait, even) = await SwitchOf(http).ConfigureAwait(false);
        await Change(http, "switch", (projections, name) => projections.Switch(name, wait, even, http.RequestAborted))
            .ConfigureAwait(false);
    }

    private async Task SwitchBack(HttpContext http)
    {
        var (wait, even) = await SwitchOf(http).ConfigureAwait(false);
        await Change(
                http,
                "go back with",
                (projections, name) => projections.SwitchBack(name, wait, even, http.RequestAborted))
            .ConfigureAwait(false);
    }

    private static async Task<(TimeSpan Wait, bool EvenWithDeadLetters)> SwitchOf(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        return (
            TimeSpan.FromSeconds(OperatorRequest.Number(body, "waitSeconds", 10, 0, MaxWaitSeconds)),
            OperatorRequest.Flag(body, "evenWithDeadLetters"));
    }

    private async Task Change(HttpContext http, string action, Func<Millrace.Projections, string, Task> change)
    {
        var name = (await Find(http).ConfigureAwait(false)).Name;
        try
        {
            await change(ProjectionsOf(http), name).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            // The collection has not caught up yet. The response is a rejection, because the operator can repeat the
            // request.
            throw new ReadModelBuildException(name, exception.Message);
        }
        OperatorLog.Asked(logger, http, action);
        await Show(http, 200).ConfigureAwait(false);
    }
}
