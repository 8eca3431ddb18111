using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Store;

namespace Millrace.Model.Tests.Hosting;

public sealed class AddMillraceTests
{
    [Fact]
    public async Task Before_the_host_starts_the_store_refuses_calls_with_a_clear_message()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace.UseInMemory().AddModel<Bank>());
        using var host = builder.Build();
        var store = host.Services.GetRequiredService<EventStore>();

        var append = await Assert.ThrowsAsync<InvalidOperationException>(
            () => store.Append(new StreamId("a-1"), ExpectedVersion.Any, [new MoneyDeposited(1)]));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await store.GetToken());
        await host.StartAsync();
        var result = await store.Append(new StreamId("a-1"), ExpectedVersion.Any, [new MoneyDeposited(1)]);
        await host.StopAsync();

        Assert.Contains("not open yet", append.Message, StringComparison.Ordinal);
        Assert.Equal(1, result.Version);
    }

    [Fact]
    public async Task Calling_AddMillrace_twice_configures_the_same_store()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace.UseInMemory());
        builder.Services.AddMillrace(millrace => millrace.AddModel<Bank>().AddModel<Bank>());
        using var host = builder.Build();

        await host.StartAsync();
        var result = await host.Services.GetRequiredService<ICommandBus>().Send(new Ping(1));
        await host.StopAsync();

        Assert.Equal(2, result.Value);
        Assert.Single(host.Services.GetServices<EventStore>());
    }

    [Fact]
    public async Task All_configuration_errors_are_reported_together()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .AddModel(model => Bank.Register(model))
            .AddModel(model => Bank.Register(model))
            .ConfigureStore(options =>
                (options.PageEvents, options.TailEvents, options.Limits.MaxTagsPerEvent) = (0, -1, -1))
            .ConfigureCommands(options => options.CachedAggregates = -1));
        using var host = builder.Build();

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());

        var text = refused.ToString();
        Assert.All(
            [
                "Millrace:PageEvents: must", "Millrace:TailEvents: must",
                "Millrace:Limits:MaxTagsPerEvent: must", "Millrace:Commands:CachedAggregates: must",
                "No storage", "Command Deposit has more than one handler",
            ],
            problem => Assert.Contains(problem, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Configuration_overrides_the_options_set_in_code()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Millrace:PageEvents"] = "7",
            ["Millrace:QueueTimeout"] = "00:00:01.5",
            ["Millrace:Source"] = "till",
            ["Millrace:Limits:MaxTagsPerEvent"] = "3",
            ["Millrace:Commands:IdempotencyWindow"] = "1.00:00:00",
            ["Millrace:Commands:Retry:MaxRetries"] = "5",
            ["Millrace:Consumers:IsEnabled"] = "false",
            ["Millrace:Consumers:Workers"] = "2",
        });
        builder.Services.AddMillrace(millrace => millrace
            .UseInMemory()
            .ConfigureStore(options => (options.PageEvents, options.TailEvents) = (8, 9)));
        using var host = builder.Build();

        var store = host.Services.GetRequiredService<IOptions<StoreOptions>>().Value;
        var commands = host.Services.GetRequiredService<IOptions<CommandOptions>>().Value;
        var consumers = host.Services.GetRequiredService<IOptions<ConsumerOptions>>().Value;
        await host.StartAsync();
        await host.StopAsync();

        Assert.Equal((false, 2), (consumers.IsEnabled, consumers.Workers));
        Assert.Equal((7, 9, TimeSpan.FromSeconds(1.5)), (store.PageEvents, store.TailEvents, store.QueueTimeout));
        Assert.Equal(("till", 3), (store.Source, store.Limits.MaxTagsPerEvent));
        Assert.Equal((TimeSpan.FromDays(1), 5), (commands.IdempotencyWindow, commands.Retry.MaxRetries));
    }

    public static TheoryData<string, object> Sections => new()
    {
        { "Millrace", new StoreOptions() },
        { "Millrace:Limits", new EventLimits() },
        { "Millrace:Commands", new CommandOptions() },
        { "Millrace:Consumers", new ConsumerOptions() },
    };

    [Theory]
    [MemberData(nameof(Sections))]
    public void Every_option_can_be_configured(string section, object options)
    {
        var simple = options.GetType().GetProperties()
            .Where(option => option.CanWrite && SampleValueOf(option.PropertyType) is not null)
            .ToDictionary(option => option, option => SampleValueOf(option.PropertyType)!);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            simple.Select(option => KeyValuePair.Create($"{section}:{option.Key.Name}", (string?)option.Value)));
        builder.Services.AddMillrace(millrace => millrace.UseInMemory());
        using var host = builder.Build();

        object bound = options switch
        {
            EventLimits => BindOptions<StoreOptions>(host.Services).Limits,
            StoreOptions => BindOptions<StoreOptions>(host.Services),
            CommandOptions => BindOptions<CommandOptions>(host.Services),
            _ => BindOptions<ConsumerOptions>(host.Services),
        };

        Assert.All(
            simple,
            option =>
                Assert.Equal(
                    option.Value,
                    string.Format(CultureInfo.InvariantCulture, "{0}", option.Key.GetValue(bound)).ToLowerInvariant()));
    }

    [Fact]
    public async Task Unreadable_settings_are_reported_with_their_configuration_keys()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Millrace:PageEvents"] = "many",
            ["Millrace:QueueTimeout"] = "soon",
        });
        builder.Services.AddMillrace(millrace => millrace.UseInMemory());
        using var host = builder.Build();

        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => host.StartAsync());

        Assert.Equal(
            [
                "Millrace:PageEvents: must be a whole number, but is 'many'.",
                "Millrace:QueueTimeout: must be a duration as days.hours:minutes:seconds, but is 'soon'.",
            ],
            refused.Failures.Order());
    }

    [Theory]
    [InlineData("Millrace:PageEvent", "7", "Did you mean 'PageEvents'?")]
    [InlineData("MILLRACE:PAGEEVENT", "7", "Did you mean 'PageEvents'?")]
    [InlineData("Millrace:Limits:MaxTags", "7", "There are: MaxBytesPerAppend,")]
    [InlineData("Millrace:Commands:Retry:Retries", "7", "Did you mean 'MaxRetries'?")]
    [InlineData("Millrace:Commands:Retri", "7", "Did you mean 'Retry'?")]
    [InlineData("Millrace:Consumers:Worker", "7", "Did you mean 'Workers'?")]
    [InlineData("Millrace:Consumer", null, "Did you mean 'Consumers'?")]
    public async Task A_misspelled_setting_is_reported_with_the_nearest_name(string name, string? value, string hint)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [value is null ? $"{name}:Workers" : name] = value ?? "2",
            ["Millrace:Own:Anything"] = "a section of the application",
            ["Millrace:ConnectionString"] = "a setting of the application",
            ["Millrace:Consumers:Partitions:cargo"] = "2",
        });
        builder.Services.AddMillrace(millrace => millrace.UseInMemory());
        using var host = builder.Build();

        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => host.StartAsync());

        var problem = Assert.Single(refused.Failures);
        Assert.StartsWith($"{name}: there is no such setting. {hint}", problem, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Store_services_start_after_the_store_and_stop_before_it_in_reverse_order()
    {
        var steps = new List<string>();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace.UseStorage(_ => new InMemoryStorage()));
        builder.Services.AddSingleton<IStoreService>(provider => new Step(
            "one", steps, provider.GetRequiredService<EventStore>()));
        builder.Services.AddSingleton<IStoreService>(provider => new Step(
            "two", steps, provider.GetRequiredService<EventStore>()));
        using var host = builder.Build();

        await host.StartAsync();
        await host.StopAsync();

        Assert.Equal(["start one", "start two", "stop two", "stop one"], steps);
        var store = host.Services.GetRequiredService<EventStore>();
        var closed = await Assert.ThrowsAsync<StorageException>(
            () => store.Append(new StreamId("a-1"), ExpectedVersion.Any, [NewEvent.FromBytes("a", "{}"u8.ToArray())]));
        Assert.Equal(StorageProblem.Closed, closed.Problem);
    }

    /// <summary>
    /// Returns a value that every option of the type accepts and that no option has by default. Returns null for a type
    /// that has its own section.
    /// </summary>
    private static string? SampleValueOf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var simple when simple == typeof(int) => "67",
        var simple when simple == typeof(long) => "2000000",
        var simple when simple == typeof(TimeSpan) => "00:01:07",
        var simple when simple == typeof(bool) => "false",
        var simple when simple == typeof(string) => "till",
        _ => null,
    };

    /// <summary>
    /// Returns the options as bound from configuration. They are not validated, because the test values do not suit one
    /// another.
    /// </summary>
    private static T BindOptions<T>(IServiceProvider services)
        where T : class, new()
    {
        var options = new T();
        foreach (var settings in services.GetServices<IPostConfigureOptions<T>>())
            settings.PostConfigure(Options.DefaultName, options);
        return options;
    }

    private sealed class Step(string name, List<string> steps, EventStore store) : IStoreService
    {
        public async Task Start(CancellationToken cancellationToken)
        {
            await store.GetToken(cancellationToken);
            steps.Add($"start {name}");
        }

        public async Task Stop(CancellationToken cancellationToken)
        {
            await store.GetToken(cancellationToken);
            steps.Add($"stop {name}");
            if (name == "two")
                throw new TimeoutException("The other service and the store must stop despite this error.");
        }
    }
}
