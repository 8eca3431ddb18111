using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Millrace.AspNetCore;

/// <summary>
/// Read models over HTTP: how they stand and how builds get on; built beside, switched and dropped where that is
/// allowed.
/// </summary>
internal sealed class ProjectionEndpoints(ProjectionOverview overview, ILogger logger)
{
    private const int MaxExamples = 100;
    private const int MaxWaitSeconds = 60;
    private const string Refused =
        "It cannot be done as things stand: no build is under way, nothing is kept, or it is not there yet.";

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
            new("All read models: what is read, what is built beside it, and how far that is.")
            {
                Answer = typeof(IReadOnlyList<ProjectionView>),
            }
        );
        routes.MapRead(
            "/projections/{name}", projections.Show, new("One read model.") { Answer = typeof(ProjectionView) });
        routes.MapRead(
            "/projections/{name}/comparison",
            projections.Compare,
            new("Compares what is read with the build under way or, when there is none, with what was read before.")
            {
                Answer = typeof(ComparisonView),
                Query =
                [
                    new("examples", typeof(int), $"The most examples to tell; from 0 to {MaxExamples}, 10 by default."),
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
                "Builds a read model from the first event, beside the one in use. One under way is joined. The answer "
                    + "does not wait for it."
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
            new("Ends the build under way and removes its documents.")
            {
                Answer = typeof(ProjectionView),
                Conflict = Refused,
            }
        );
        routes.Decide(
            HttpMethods.Post,
            "/projections/{name}/switch",
            Switch,
            new("Has the build take over, in one transaction, as soon as it has caught up.")
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
            new("Has the collection take over again that was read before; the present one is kept instead.")
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
            new("Removes the documents that were read before: there is no going back then.")
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
        return all.FirstOrDefault(one => one.Name == name) ?? throw new ProjectionNotFoundException(name);
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
        var building = await ProjectionsOf(http)
            .StartRebuildBeside(name, when, http.RequestAborted)
            .ConfigureAwait(false);
        overview.Begin(building);
        OperatorLog.Asked(logger, http, $"build ({word})");
        await Show(http, 202).ConfigureAwait(false);
    }

    private Task Cancel(HttpContext http) => Change(http, "cancel the build of", async (projections, name) =>
    {
        if (await projections.DropBuild(name, http.RequestAborted).ConfigureAwait(false) is null)
            throw new ReadModelBuildException(name, "no build is under way.");
    });

    private Task Drop(HttpContext http) => Change(http, "drop what is kept of", async (projections, name) =>
    {
        if (await projections.DropKept(name, http.RequestAborted).ConfigureAwait(false) is null)
            throw new ReadModelBuildException(name, "nothing is kept.");
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
            // It is not there yet, as a refusal: it may be asked for again.
            throw new ReadModelBuildException(name, exception.Message);
        }
        OperatorLog.Asked(logger, http, action);
        await Show(http, 200).ConfigureAwait(false);
    }
}
