using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Millrace.Cli.Tests;

/// <summary>Tests which build of an application is used, and the error when it cannot be used.</summary>
public sealed class BuildTests : IDisposable
{
    private readonly Tool _tool = new();

    private static string Shop => Tool.ProgramFile("Commerce");

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_build_is_named_by_its_assembly_or_by_its_folder()
    {
        var byFile = await _tool.Done("schema", "list", "--build", Shop, "--json");
        var byFolder = await _tool.Done("schema", "list", "-b", Path.GetDirectoryName(Shop)!, "--json");

        Assert.Equal(byFile.Output, byFolder.Output);
        Assert.Contains(byFile.Json.EnumerateArray(), type =>
            type.GetProperty("type").GetString() == "customer.registered"
            && type.GetProperty("class").GetString() == "Commerce.Customers.CustomerRegistered"
            && type.GetProperty("schemaVersion").GetInt32() == 1);
    }

    [Fact]
    public async Task People_get_a_table_of_the_types_that_a_build_knows()
    {
        var run = await _tool.Done("schema", "list", "--build", Shop);

        Assert.Contains(run.Lines, line =>
            line.Contains("customer.registered", StringComparison.Ordinal)
            && line.Contains("Commerce.Customers.CustomerRegistered", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_build_the_command_line_is_wrong()
    {
        var run = await _tool.Run("schema", "list");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--build", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_that_is_not_there_is_not_found()
    {
        var run = await _tool.Run("schema", "list", "--build", "nowhere.dll", "--json");

        Assert.Equal(3, run.ExitCode);
        Assert.Equal("notFound", run.ErrorJson.GetProperty("error").GetString());
        Assert.Contains("nowhere.dll", run.ErrorJson.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_with_several_builds_is_refused_by_naming_them()
    {
        foreach (var name in new[] { "one", "two" })
        {
            await File.WriteAllTextAsync(_tool.File(name + ".dll"), "");
            await File.WriteAllTextAsync(_tool.File(name + ".runtimeconfig.json"), "{}");
        }

        var run = await _tool.Run("schema", "list", "--build", _tool.Directory);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("one.dll, two.dll", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_assembly_is_refused()
    {
        await File.WriteAllTextAsync(_tool.File("notes.dll"), "no assembly");

        var run = await _tool.Run("schema", "list", "--build", _tool.File("notes.dll"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("cannot be loaded", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_assembly_without_a_model_is_reported()
    {
        var run = await _tool.Run(
            "schema", "list", "--build", Path.Combine(AppContext.BaseDirectory, "Millrace.Sqlite.dll"));

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("has no model", run.Error, StringComparison.Ordinal);
        Assert.Contains("[Model]", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_of_another_version_of_Millrace_is_refused()
    {
        CopyShop();
        RequireOtherVersion(_tool.File("Commerce.dll"), major: 7);

        var run = await _tool.Run("schema", "list", "--build", _tool.File("Commerce.dll"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("was built with Millrace 7.", run.Error, StringComparison.Ordinal);
        Assert.Contains("dotnet tool install", run.Error, StringComparison.Ordinal);
    }

    private void CopyShop()
    {
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Shop)!))
            File.Copy(file, _tool.File(Path.GetFileName(file)));
    }

    /// <summary>Changes in a compiled assembly which version of Millrace it refers to.</summary>
    private static void RequireOtherVersion(string file, ushort major)
    {
        var bytes = File.ReadAllBytes(file);
        int place;
        using (var image = new PEReader(new MemoryStream(bytes)))
        {
            var metadata = image.GetMetadataReader();
            var row = metadata.AssemblyReferences.ToList().FindIndex(
                handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name) == "Millrace");
            place = image.PEHeaders.MetadataStartOffset + metadata.GetTableMetadataOffset(TableIndex.AssemblyRef)
                + (row * metadata.GetTableRowSize(TableIndex.AssemblyRef));
        }
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(place), major); // The first column of a row.
        File.WriteAllBytes(file, bytes);
    }
}
