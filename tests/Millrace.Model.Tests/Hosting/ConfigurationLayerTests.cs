using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Millrace.Model.Tests.Hosting;

public sealed class ConfigurationLayerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-configuration-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("default", "1000", "default")]
    [InlineData("file", "1", "file appsettings.json")]
    [InlineData("environment", "2", "file appsettings.Staging.json")]
    [InlineData("local", "3", "file appsettings.local.json")]
    [InlineData("command line", "5", "command line")]
    public async Task Each_layer_overrides_the_ones_before_it(string highest, string value, string source)
    {
        string[] layers = ["default", "file", "environment", "local", "command line"];
        var count = Array.IndexOf(layers, highest);
        WriteFiles(count);

        foreach (var builder in Builders(count == 4 ? ["--Millrace:PageEvents=5"] : []))
        {
            builder.Services.AddMillrace(static millrace => millrace.UseInMemory());
            var setting = await Read(builder.Services, builder.Configuration, "Millrace:PageEvents");

            Assert.Equal(value, setting.Value);
            Assert.Equal(source, setting.Source);
        }
    }

    [Fact]
    public void Environment_variables_are_above_files_and_below_the_command_line()
    {
        WriteFiles(3);

        foreach (var builder in Builders([]))
        {
            var names = builder.Configuration.Sources.Select(NameOf).ToList();

            var local = names.IndexOf("appsettings.local.json");
            Assert.Equal(local + 1, names.LastIndexOf("EnvironmentVariablesConfigurationSource"));
            Assert.True(local > names.IndexOf("appsettings.Staging.json"));
            Assert.Single(names, "appsettings.json");
        }
    }

    [Fact]
    public void Files_are_below_a_command_line_that_the_host_already_reads()
    {
        WriteFiles(3);
        var builder = Builders([])[0];
        builder.Configuration.Sources.Clear();
        builder.Configuration.SetBasePath(_folder.FullName).AddCommandLine(["--Millrace:PageEvents=5"]);

        builder.AddMillraceConfiguration();

        Assert.Equal("5", builder.Configuration["Millrace:PageEvents"]);
        Assert.Equal("CommandLineConfigurationSource", NameOf(builder.Configuration.Sources[^1]));
    }

    [Fact]
    public void A_second_call_adds_nothing()
    {
        var builder = Builders(["--Millrace:PageEvents=5"])[0];
        var count = builder.Configuration.Sources.Count;

        builder.AddMillraceConfiguration(["--Millrace:PageEvents=5"]);

        Assert.Equal(count, builder.Configuration.Sources.Count);
    }

    private void WriteFiles(int count)
    {
        string[] files = ["appsettings.json", "appsettings.Staging.json", "appsettings.local.json"];
        for (var i = 0; i < Math.Min(count, files.Length); i++)
            File.WriteAllText(
                Path.Combine(_folder.FullName, files[i]), $$"""{ "Millrace": { "PageEvents": {{i + 1}} } }""");
    }

    /// <summary>Returns a builder without any layer, and one that has all but the local file.</summary>
    private HostApplicationBuilder[] Builders(string[] args)
    {
        HostApplicationBuilderSettings Settings() => new()
        {
            ContentRootPath = _folder.FullName,
            EnvironmentName = "Staging",
            Args = args,
            Configuration = new ConfigurationManager { ["hostBuilder:reloadConfigOnChange"] = "false" },
        };
        return
        [
            Host.CreateEmptyApplicationBuilder(Settings()).AddMillraceConfiguration(args),
            Host.CreateApplicationBuilder(Settings()).AddMillraceConfiguration(),
        ];
    }

    private static async Task<EffectiveSetting> Read(
        IServiceCollection services, IConfiguration configuration, string key)
    {
        services.AddSingleton(configuration);
        await using var provider = services.BuildServiceProvider();
        _ = provider.GetRequiredService<EventStore>();
        return provider.GetRequiredService<MillraceConfiguration>().Read().Single(setting => setting.Key == key);
    }

    private static string NameOf(IConfigurationSource source) =>
        source is JsonConfigurationSource file ? file.Path ?? "" : source.GetType().Name;
}
