using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage.InMemory;
using Millrace.Storage.Objects;

namespace Millrace.Model.Tests.Hosting;

public sealed class ConfigurationErrorTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-configuration-");
    private bool _isOpened;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task All_errors_of_all_sections_are_reported_with_their_sources_before_the_store_is_opened()
    {
        var refused = await Start(
            """
            {
              "Millrace": {
                "PageEvents": "many",
                "TailEvents": -1,
                "EventFormat": "Jsn",
                "Consumers": { "Worker": 2, "Workers": 65 },
                "Monitor": { "SampleInterval": "often" }
              }
            }
            """,
            ["--Millrace:Commands:CachedAggregates=-1"]);

        Assert.False(_isOpened);
        Assert.Equal(
            [
                "Millrace:Commands:CachedAggregates = -1 from command line",
                "Millrace:Consumers:Worker = 2 from file appsettings.json",
                "Millrace:Consumers:Workers = 65 from file appsettings.json",
                "Millrace:EventFormat = Jsn from file appsettings.json",
                "Millrace:Monitor:SampleInterval = often from file appsettings.json",
                "Millrace:PageEvents = many from file appsettings.json",
                "Millrace:TailEvents = -1 from file appsettings.json",
            ],
            refused.Problems
                .Select(problem => $"{problem.Key} = {problem.Value} from {problem.Source}")
                .Order(StringComparer.Ordinal));
        Assert.Contains("7 errors", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'Json'?", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'Workers'?", refused.Message, StringComparison.Ordinal);
        Assert.Contains("must be from 1 to 64, but is 65. (Source: file appsettings.json.)", refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_of_the_code_names_the_code_as_its_source()
    {
        var refused = await Start("{}", [], options => options.PageEvents = 0);

        var problem = Assert.Single(refused.Problems);
        Assert.Equal(("Millrace:PageEvents", "code"), (problem.Key, problem.Source));
        Assert.Null(problem.Value);
    }

    [Fact]
    public async Task A_secret_is_masked_in_an_error()
    {
        var refused = await Start("""{ "Millrace": { "Backup": { "Passphrase": "short-one" } } }""", []);

        Assert.DoesNotContain("short-one", refused.ToString(), StringComparison.Ordinal);
        Assert.All(
            refused.Problems.Where(static problem => problem.Key == "Millrace:Backup:Passphrase"),
            static problem => Assert.Equal("***", problem.Value));
    }

    [Fact]
    public async Task A_secret_is_masked_in_a_message()
    {
        var refused = await Start("""{ "Millrace": { "EventFormat": "shop:hunter2@json" } }""", []);

        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
        Assert.Contains("'***@json'", Assert.Single(refused.Failures), StringComparison.Ordinal);
    }

    private async Task<MillraceConfigurationException> Start(
        string file, string[] args, Action<StoreOptions>? configure = null)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "appsettings.json"), file);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings
        {
            ContentRootPath = _folder.FullName,
        });
        builder.Configuration["hostBuilder:reloadConfigOnChange"] = "false";
        builder.AddMillraceConfiguration(args);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ =>
            {
                _isOpened = true;
                return new InMemoryStorage();
            })
            .ConfigureStore(configure ?? (static _ => { }))
            .UseMonitor()
            .UseBackup(new DirectoryObjectStorage(Path.Combine(_folder.FullName, "backups"))));
        using var host = builder.Build();
        return await Assert.ThrowsAsync<MillraceConfigurationException>(() => host.StartAsync());
    }
}
