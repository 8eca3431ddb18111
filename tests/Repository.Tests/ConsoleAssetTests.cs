using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Repository.Tests;

/// <summary>Checks that the built files of the console belong to its sources, and that they are small.</summary>
public sealed partial class ConsoleAssetTests
{
    private const string Web = "src/Millrace.Console/web/";
    private const string Assets = "src/Millrace.Console/assets/";
    private const int MaxBytes = 250 * 1024;
    private const int MaxFirstBytes = 60 * 1024;

    private static readonly string[] Sources =
        ["index.html", "package-lock.json", "package.json", "tsconfig.json", "vite.config.ts"];

    [Fact]
    public void The_built_files_belong_to_the_sources()
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var sources = RepositoryFiles.All.Where(path => path.StartsWith(Web, StringComparison.Ordinal))
            .Select(path => path[Web.Length..])
            .Where(path => Sources.Contains(path) || path.StartsWith("src/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
        foreach (var path in sources)
        {
            var hash = SHA256.HashData(File.ReadAllBytes(RepositoryFiles.FullPath(Web + path)));
            all.AppendData(Encoding.UTF8.GetBytes($"{path} {Convert.ToHexStringLower(hash)}\n"));
        }

        Assert.True(
            Convert.ToHexStringLower(all.GetHashAndReset()) == RepositoryFiles.Text(Assets + "source.txt").Trim(),
            "The sources of the console were changed: run eng/console.sh, and commit src/Millrace.Console/assets.");
    }

    [Fact]
    public void The_page_is_small_and_has_no_inline_code_and_no_address_of_another_host()
    {
        var files = RepositoryFiles.All.Where(path => path.StartsWith(Assets, StringComparison.Ordinal)).ToList();
        var index = RepositoryFiles.Text(Assets + "index.html");
        var first = FileInPage().Matches(index).Select(match => Assets + match.Groups[1].Value).Distinct().ToList();

        Assert.InRange(files.Sum(CompressedBytes), 1, MaxBytes);
        Assert.InRange(first.Sum(CompressedBytes), 1, MaxFirstBytes);
        Assert.All(first, file => Assert.Contains(file, files));
        Assert.DoesNotMatch(InlineCode(), index);
        Assert.DoesNotContain("://", index, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "\"resolved\"", RepositoryFiles.Text(Web + "package-lock.json"), StringComparison.Ordinal);
    }

    private static int CompressedBytes(string path)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(File.ReadAllBytes(RepositoryFiles.FullPath(path)));
        return (int)compressed.Length;
    }

    [GeneratedRegex("""(?:src|href)="\./(files/[^"]+)""")]
    private static partial Regex FileInPage();

    [GeneratedRegex("""<script(?![^>]*\ssrc=)|<style|\son\w+=""")]
    private static partial Regex InlineCode();
}
