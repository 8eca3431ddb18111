using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace;

namespace Repository.Tests;

/// <summary>
/// Runs the statements of a page in an application with the model of the page and an empty store in memory.
/// </summary>
internal static class PageRun
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    public static async Task Of(string page)
    {
        using var bytes = new MemoryStream();
        var emitted = PageCompilation.Of(page).Emit(bytes);
        Assert.True(emitted.Success, $"The C# of {page} does not compile.");
        bytes.Position = 0;
        var assembly = AssemblyLoadContext.Default.LoadFromStream(bytes);

        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddMillrace(millrace =>
        {
            AddModels(millrace.UseInMemory(), assembly);
            // The log records the use of keys, which changes positions. The other pages expect the usual ones.
            if (RepositoryFiles.Text(page).Contains("[PersonalData]", StringComparison.Ordinal))
                millrace.UseInMemoryKeys();
        });
        // Long, because the machine may be busy.
        builder.Services.Configure<ConsumerOptions>(consumers => consumers.ReadTimeout = Timeout);
        builder.Logging.ClearProviders();
        using var host = builder.Build();
        await host.StartAsync().WaitAsync(Timeout);
        SetPageProperty(assembly, "store", host.Services.GetRequiredService<EventStore>());
        SetPageProperty(assembly, "services", host.Services);
        await ((Task)assembly.GetType("Page")!.GetMethod("Run")!.Invoke(null, null)!).WaitAsync(Timeout);
        await host.StopAsync().WaitAsync(Timeout);
    }

    private static void SetPageProperty(Assembly page, string name, object value) =>
        page.GetType("PageContext")!.GetProperty(name)!.SetValue(null, value);

    private static void AddModels(MillraceBuilder builder, Assembly page)
    {
        var add = typeof(MillraceBuilder).GetMethods().Single(method =>
            method is { Name: nameof(MillraceBuilder.AddModel), IsGenericMethod: true });
        foreach (var model in page.GetTypes().Where(type => typeof(IModel).IsAssignableFrom(type)))
        {
            add.MakeGenericMethod(model).Invoke(builder, null);
        }
    }
}
