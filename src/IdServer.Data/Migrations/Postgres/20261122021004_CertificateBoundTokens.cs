using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace IdServer.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class CertificateBoundTokens : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "certificate",
                table: "refresh_tokens",
                type: "text",
                nullable: true,
                collation: "C");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "certificate",
                table: "refresh_tokens");
        }
    }
}
